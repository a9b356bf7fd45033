import ManateeCore
import ManateeLocal
import ManateePorts
import ManateeWire
import Testing
import ZooKeeperClient

@testable import ManateeStore

@Suite(
    "A shard in ZooKeeper, as the operator's tool uses it",
    .serialized,
    .timeLimit(.minutes(5)),
    .zooKeeper(servers: 1)
)
struct ShardAdministrationTests {
    let world: ZooKeeperWorld

    init() throws { world = try ZooKeeperWorld() }

    func withShard<Value: Sendable>(
        _ body: @Sendable (any ShardAdministration) async throws -> Value
    ) async throws -> Value {
        try await ZooKeeperShards(logger: .quiet).withShard(
            world.name,
            at: world.running.ensemble.connectionString,
            body
        )
    }

    @Test func `that does not exist has nothing`() async throws {
        try await withShard { shard in
            let state = try await shard.readState()
            let election = try await shard.electionEntries()
            let history = try await shard.historyEntries()
            #expect(state == nil && election == nil && history == nil)
            let outcome = await shard.replaceState([], expecting: StateVersion(0))
            #expect(outcome == .conflict)
        }
    }

    @Test func `is read as it is stored`() async throws {
        try await world.withPeers(.example(10), .example(9)) { ten, _ in
            try await ten.write(.example(1), expecting: nil)
            try await world.overwriteState(Array("garbage".utf8))
            try await withShard { shard in
                let stored = try await shard.readState()
                #expect(stored?.data == Array("garbage".utf8))
                #expect(stored?.version == StateVersion(1))
                let entries = try await shard.electionEntries() ?? []
                #expect(
                    entries.map(\.name)
                        == ["10.0.0.10:5432:12345-0000000000", "10.0.0.9:5432:12345-0000000001"]
                )
                #expect(entries.last?.data == ElectionNodeJSON.encode(.example(9)))
                let history = try await shard.historyEntries() ?? []
                #expect(history.map(\.name) == ["1-0000000000"])
                let entry = try #require(history.first)
                #expect(entry.data == ClusterStateJSON.encode(.example(1)))
                #expect(entry.createdMilliseconds > 1_600_000_000_000)
            }
        }
    }

    @Test func `is edited against its version, with an operator's history entry`() async throws {
        try await world.withPeer(.example(9)) { nine in
            _ = try await nine.nextConnected()
            try await nine.write(.example(1), expecting: nil)
            var frozen = ClusterState.example(1)
            frozen.freeze = .explained(["reason": .string("test")])
            let data = ClusterStateJSON.encode(frozen)
            try await withShard { shard in
                #expect(await shard.replaceState(data, expecting: StateVersion(0)) == .written)
                #expect(await shard.replaceState(data, expecting: StateVersion(0)) == .conflict)
                let history = try await shard.historyEntries() ?? []
                #expect(history.map(\.name).sorted() == ["0-0000000001", "1-0000000000"])
                guard
                    case .refused(let why) = await shard.replaceState(
                        Array(repeating: 0x20, count: 600_000),
                        expecting: StateVersion(1)
                    )
                else {
                    Issue.record("it was written")
                    return
                }
                #expect(why.contains("600000 bytes"))
            }
            let seen = try await nine.next("the freeze") { event in
                if case .state(let state?) = event, state.state.freeze != nil { state } else { nil }
            }
            #expect(seen.state.freeze?.reason == "test")
            try await nine.write(.example(2), expecting: seen.version)
        }
    }

    @Test func `is created once, with an operator's history entry`() async throws {
        let data = ClusterStateJSON.encode(.example(0))
        try await withShard { shard in
            #expect(await shard.createState(data) == .written)
            #expect(await shard.createState(data) == .conflict)
            let stored = try await shard.readState()
            #expect(stored == StoredState(data: data, version: StateVersion(0)))
            let history = try await shard.historyEntries() ?? []
            #expect(history.map(\.name) == ["0-0000000000"])
        }
    }

    @Test func `may hold an error of Manatee 1`() async throws {
        try await withShard { shard in
            let error = try await shard.version1Error()
            #expect(error == nil)
        }
        try await world.running.withClient { client in
            try await client.makeDirectory(world.root, below: world.root, acl: .open)
            try await client.create("\(world.root)/error", data: Array("broken".utf8))
        }
        try await withShard { shard in
            let error = try await shard.version1Error()
            #expect(error == Array("broken".utf8))
        }
    }

    @Test func `is one of several`() async throws {
        let shards = ZooKeeperShards(logger: .quiet)
        let servers = world.running.ensemble.connectionString
        try await withShard { shard in
            #expect(await shard.createState(Array("{}".utf8)) == .written)
        }
        try await shards.withStore(at: servers) { store in
            let names = try await store.shardNames()
            #expect(names.contains(world.name))
            #expect(names == names.sorted())
            let stored = try await store.shard(world.name).readState()
            #expect(stored?.data == Array("{}".utf8))
            let isThere = try await store.exists("\(world.root)/state")
            let isNowhere = try await store.exists("/nowhere/at/all")
            #expect(isThere && !isNowhere)
            await #expect(throws: ShardAccessFailure.self) { try await store.exists("nowhere") }
        }
    }

    @Test func `with a long history is read completely`() async throws {
        let count = 300
        try await world.running.withClient { client in
            let history = "\(world.root)/history"
            try await client.makeDirectory(history, below: world.root, acl: .open)
            for number in 0..<count {
                try await client.create(
                    "\(history)/1-",
                    data: Array("\(number)".utf8),
                    mode: .persistentSequential
                )
            }
        }
        let entries = try await withShard { try await $0.historyEntries() ?? [] }
        #expect(Set(entries.map(\.name)).count == count)
        for entry in entries {
            guard case .state(_, let sequence) = HistoryName(entry.name) else { continue }
            #expect(Int(sequence) == Int(String(decoding: entry.data, as: UTF8.self)))
        }
    }

    @Test func `of servers that do not answer is told in time`() async throws {
        let port = try FreePorts.take(1)[0]
        var shards = ZooKeeperShards(logger: .quiet)
        shards.patience = .milliseconds(500)
        await #expect {
            try await shards.withShard("x", at: "127.0.0.1:\(port)") { _ in }
        } throws: {
            let text = "\($0)"
            return text.hasPrefix("cannot connect to ZooKeeper at 127.0.0.1:\(port): ")
                && text.ranges(of: "errno: 111").count == 1
        }
        await #expect {
            try await shards.withShard("x", at: "127.0.0.1:") { _ in }
        } throws: {
            "\($0)".contains("the ZooKeeper servers")
        }
    }
}
