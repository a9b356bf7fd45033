import Foundation
import ManateeClient
import ManateeCore
import ManateeLocal
import ManateePorts
import ManateeWire
import Synchronization
import Testing
import ZooKeeperClient

/// Our client and the original's, side by side, while peers write as sitters do.
@Suite(
    "A client of a shard in ZooKeeper",
    .serialized,
    .timeLimit(.minutes(5)),
    .zooKeeper(servers: 1)
)
struct ClientFollowingTests {
    private func url(_ number: Int) -> String {
        "tcp://postgres@10.0.0.\(number):5432/postgres"
    }

    private func bare(_ number: Int) -> String { "tcp://10.0.0.\(number):5432" }

    private func state(
        _ generation: Int,
        _ chain: [Int],
        deposed: [Int] = [],
        freeze: Freeze? = nil
    ) -> ClusterState {
        ClusterState(
            generation: Generation(generation),
            primary: .example(chain[0]),
            sync: .example(chain[1]),
            async: chain.dropFirst(2).map { .example($0) },
            deposed: deposed.map { .example($0) },
            initWAL: LSN(UInt64(generation) << 24),
            freeze: freeze
        )
    }

    /// What both clients told, compared after each step.
    private struct Readers: Sendable {
        let ours: Log
        let original: OriginalClient

        final class Log: Sendable {
            private let lists = Mutex<[[String]]>([])
            func note(_ list: [String]) { lists.withLock { $0.append(list) } }
            var told: [[String]] { lists.withLock { $0 } }
        }

        func tell(
            _ expected: [String],
            sourceLocation: SourceLocation = #_sourceLocation
        ) async throws {
            try await eventually("both tell \(expected)", sourceLocation: sourceLocation) {
                ours.told.last == expected && original.told.last == expected
            }
        }
    }

    private func withReaders(
        of world: ZooKeeperWorld,
        _ body: @escaping @Sendable (Readers, Shard) async throws -> Void
    ) async throws {
        let configuration = try world.running.configuration(timeout: .seconds(2))
        try await ManateeClient.withClient(configuration, logger: .quiet) { client in
            let shard = try client.shard(world.root)
            try await world.running.withClient { raw in
                let readers = Readers(
                    ours: Readers.Log(),
                    original: OriginalClient(client: raw, path: world.root)
                )
                try await withThrowingTaskGroup(of: Void.self) { group in
                    group.addTask { try await readers.original.run() }
                    group.addTask { for await urls in shard.urls { readers.ours.note(urls) } }
                    try await body(readers, shard)
                    group.cancelAll()
                    // What the cancellation makes of the readers is of no interest.
                    while await group.nextResult() != nil {}
                }
            }
        }
    }

    @Test func `sees what the original's client sees, through two failovers`() async throws {
        let world = try ZooKeeperWorld()
        try await withReaders(of: world) { readers, shard in
            try await readers.tell([])
            try await world.withPeer(.example(1)) { one in
                _ = try await one.nextConnected()
                try await readers.tell([bare(1)])
                try await world.withPeer(.example(2)) { two in
                    _ = try await two.nextConnected()
                    try await readers.tell([bare(1), bare(2)])
                    try await world.withPeer(.example(3)) { three in
                        _ = try await three.nextConnected()
                        try await readers.tell([bare(1), bare(2), bare(3)])
                        try await failTwice(one, two, three, readers, shard)
                        try await world.removeState()
                        // The first peer is gone for good, the election has the others.
                        try await readers.tell([bare(2), bare(3)])
                        try await three.write(state(4, [3, 2]), expecting: nil)
                        try await readers.tell([url(3), url(2)])
                    }
                }
            }
            #expect(
                readers.ours.told.filter { !$0.allSatisfy { $0.hasPrefix("tcp://10") } } == [
                    [url(1), url(2), url(3)], [url(2), url(3)], [url(2), url(3), url(1)],
                    [url(3), url(1)], [url(3), url(2)],
                ]
            )
            #expect(readers.ours.told == readers.original.told)
            #expect(readers.original.errors == 0)
        }
    }

    /// The primary dies, comes back at the end of the chain, and the next one dies.
    private func failTwice(
        _ one: StoreProbe,
        _ two: StoreProbe,
        _ three: StoreProbe,
        _ readers: Readers,
        _ shard: Shard
    ) async throws {
        var version = try await one.write(state(1, [1, 2, 3]), expecting: nil)
        try await readers.tell([url(1), url(2), url(3)])
        #expect(shard.topology?.token == FencingToken(1))

        one.link.cut()
        version = try await two.write(state(2, [2, 3], deposed: [1]), expecting: version)
        try await readers.tell([url(2), url(3)])
        let primary = try await shard.primary()
        #expect(primary.server.host == "10.0.0.2")
        #expect(primary.token == FencingToken(2))

        version = try await two.write(state(2, [2, 3, 1]), expecting: version)
        try await readers.tell([url(2), url(3), url(1)])

        version = try await three.write(state(3, [3, 1], deposed: [2]), expecting: version)
        try await readers.tell([url(3), url(1)])

        // Neither is a topology of its own: a freeze, and the end of the first peer's session.
        let freeze = Freeze.explained(["reason": .string("maintenance")])
        let frozen = state(3, [3, 1], deposed: [2], freeze: freeze)
        try await three.write(frozen, expecting: version)
        try await two.sees([.example(2), .example(3)])
        #expect(shard.topology?.urls == [url(3), url(1)])
    }

    @Test func `is not deaf after a lost connection, nor after its session has expired`()
        async throws
    {
        let world = try ZooKeeperWorld()
        try await world.withPeer(.example(9)) { nine in
            _ = try await nine.nextConnected()
            try await nine.write(state(1, [1, 2]), expecting: nil)
            try await Relay.with(target: world.server.settings.clientPort) { relay in
                var configuration = try ZooKeeperConfiguration("127.0.0.1:\(relay.port)")
                configuration.sessionTimeout = ZooKeeperWorld.sessionTimeout
                let root = world.root
                try await ManateeClient.withClient(configuration, logger: .quiet) { client in
                    let shard = try client.shard(root)
                    try await sees(shard, [url(1), url(2)])

                    relay.set(.cut)
                    try await isCut(shard)
                    try await nine.write(state(2, [2, 1]), expecting: StateVersion(0))
                    relay.set(.open)
                    try await sees(shard, [url(2), url(1)])

                    try await expire(relay, at: world)
                    try await isCut(shard)
                    #expect(shard.topology?.urls == [url(2), url(1)])
                    try await nine.write(state(3, [1, 2]), expecting: StateVersion(1))
                    relay.set(.open)
                    try await sees(shard, [url(1), url(2)])

                    // The watches of the new session are in place as well.
                    try await nine.write(state(4, [2, 1]), expecting: StateVersion(2))
                    try await sees(shard, [url(2), url(1)])
                    #expect(shard.status == .following)
                }
            }
        }
    }

    /// Cuts the relay until sessions behind it have expired that last twice as long as the client's.
    private func expire(_ relay: Relay, at world: ZooKeeperWorld) async throws {
        var configuration = try ZooKeeperConfiguration("127.0.0.1:\(relay.port)")
        configuration.sessionTimeout = ZooKeeperWorld.sessionTimeout * 2
        let path = world.root + "/witness"
        let witness = try ZooKeeperClient(configuration: configuration, logger: .quiet)
        try await withThrowingTaskGroup(of: Void.self) { group in
            // Ends with the expiry, or by being cancelled.
            group.addTask { try? await witness.run() }
            try await witness.create(path, mode: .ephemeral)
            relay.set(.cut)
            try await world.running.withClient { other in
                try await eventually("the sessions have expired") {
                    try await other.exists(path) == nil
                }
            }
            group.cancelAll()
        }
    }

    @Test func `tells what it cannot understand, and goes on with what it knows`() async throws {
        let world = try ZooKeeperWorld()
        try await withReaders(of: world) { readers, shard in
            try await world.withPeer(.example(9)) { nine in
                _ = try await nine.nextConnected()
                try await nine.write(state(2, [1, 2]), expecting: nil)
                try await readers.tell([url(1), url(2)])
                try await world.overwriteState(Array("nonsense".utf8))
                try await eventually("the nonsense is told") {
                    if case .unreadable = shard.status {
                        readers.original.errors == 1
                    } else {
                        false
                    }
                }
                #expect(shard.topology?.urls == [url(1), url(2)])

                try await world.overwriteState(ClusterStateJSON.encode(state(1, [2, 1])))
                try await eventually("the older generation is refused") {
                    shard.status == .wentBack(known: FencingToken(2), found: FencingToken(1))
                }
                #expect(shard.topology?.urls == [url(1), url(2)])

                try await world.overwriteState(ClusterStateJSON.encode(state(3, [2, 1])))
                try await sees(shard, [url(2), url(1)])
                #expect(shard.status == .following)
            }
        }
    }

    @Test func `tells that it is not allowed to read, and reads once it is`() async throws {
        let world = try ZooKeeperWorld()
        try await world.running.withClient { client in
            try await client.create(world.root)
            try await client.create(
                world.root + "/state",
                data: ClusterStateJSON.encode(state(1, [1, 2])),
                acl: [.digest(user: "u", password: "p", .all), .world(.admin)]
            )
            let configuration = try world.running.configuration()
            try await ManateeClient.withClient(configuration, logger: .quiet) { reader in
                let shard = try reader.shard(world.root)
                let refusal = await shard.statuses.first {
                    if case .refused = $0 { true } else { false }
                }
                #expect("\(String(describing: refusal))".contains("/state"))
                try await world.running.withClient {
                    try await $0.setACL(world.root + "/state", .open, aclVersion: nil)
                }
                try await sees(shard, [url(1), url(2)])
            }
        }
    }

    @Test func `follows many shards over one connection`() async throws {
        let worlds = try (0..<5).map { _ in try ZooKeeperWorld() }
        // A timeout that no other session has, to know this one by.
        let timeout = Duration.milliseconds(3_123)
        let configuration = try worlds[0].running.configuration(timeout: timeout)
        try await ManateeClient.withClient(configuration, logger: .quiet) { client in
            for (number, world) in worlds.enumerated() {
                let shard = try client.shard(world.root)
                try await world.withPeer(.example(9)) { nine in
                    _ = try await nine.nextConnected()
                    try await nine.write(state(1, [number + 1, 9]), expecting: nil)
                    try await sees(shard, [url(number + 1), url(9)])
                }
            }
            let connections = try #require(await worlds[0].server.ask("cons"))
            #expect(connections.split(separator: "\n").count { $0.contains("to=3123") } == 1)
        }
    }

    private func sees(
        _ shard: Shard,
        _ urls: [String],
        sourceLocation: SourceLocation = #_sourceLocation
    ) async throws {
        try await eventually("the client sees \(urls)", sourceLocation: sourceLocation) {
            shard.topology?.urls == urls
        }
    }

    private func isCut(_ shard: Shard) async throws {
        try await eventually("the client knows that it is cut off") {
            if case .disconnected = shard.status { true } else { false }
        }
    }
}
