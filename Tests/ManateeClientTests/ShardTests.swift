import Testing
import ZooKeeperClient

@testable import ManateeClient

@Suite("A shard as its readers see it", .timeLimit(.minutes(1)))
struct ShardTests {
    private let shard = Shard(path: "/manatee/1")

    private func topology(_ hosts: String..., generation: Int? = nil) -> Topology {
        Topology(
            servers: hosts.enumerated().map { index, host in
                Server(
                    url: "tcp://\(host)",
                    host: host,
                    port: 5432,
                    role: index == 0 ? .primary : .async,
                    id: host
                )
            },
            token: generation.map(FencingToken.init)
        )
    }

    @Test func `tells the present topology first, then each that differs`() async {
        shard.take(.topology(topology("a", "b", generation: 1)))
        var topologies = shard.topologies.makeAsyncIterator()
        #expect(await topologies.next() == topology("a", "b", generation: 1))
        shard.take(.topology(topology("a", "b", generation: 1)))
        shard.take(.topology(topology("b", "a", generation: 2)))
        #expect(await topologies.next() == topology("b", "a", generation: 2))
        shard.end()
        #expect(await topologies.next() == nil)
    }

    @Test func `tells no list of addresses twice in a row`() async {
        shard.take(.topology(topology("a", "b", generation: 1)))
        var urls = shard.urls.makeAsyncIterator()
        #expect(await urls.next() == ["tcp://a", "tcp://b"])
        shard.take(.topology(topology("a", "b", generation: 2)))
        shard.end()
        #expect(await urls.next() == nil)
    }

    @Test func `passes over a shard that has declared no primary`() async {
        shard.take(.topology(topology("a", "b")))
        var primaries = shard.primaries.makeAsyncIterator()
        shard.take(.topology(topology("b", "a", generation: 1)))
        let primary = await primaries.next()
        #expect(primary?.server.host == "b")
        #expect(primary?.token == FencingToken(1))
    }

    @Test func `keeps its topology while it says how good that is`() async {
        #expect(shard.status == .starting)
        shard.take(.topology(topology("a", generation: 2)))
        #expect(shard.status == .following)
        shard.lose(.disconnected("gone"))
        #expect(shard.status == .disconnected("gone"))
        shard.take(.unreadable("nonsense"))
        #expect(shard.status == .unreadable("nonsense"))
        shard.take(.topology(topology("b", generation: 1)))
        #expect(shard.status == .wentBack(known: FencingToken(2), found: FencingToken(1)))
        #expect(shard.topology == topology("a", generation: 2))
        shard.end()
        #expect(shard.status == .ended)
    }

    @Test func `cancels work with a primary that is replaced`() async throws {
        shard.take(.topology(topology("a", "b", generation: 1)))
        let error = await #expect(throws: ManateeClientError.self) {
            try await shard.withPrimary { primary in
                #expect(primary.server.host == "a")
                // Only the sync changes: the work goes on.
                shard.take(.topology(topology("a", "c", generation: 2)))
                await Task.yield()
                #expect(!Task.isCancelled)
                shard.take(.topology(topology("c", "b", generation: 3)))
                try await Task.sleep(for: .seconds(30))
            }
        }
        #expect(error?.code == .primaryChanged)
    }

    @Test func `gives back what the work with its primary gave`() async throws {
        shard.take(.topology(topology("a", generation: 1)))
        #expect(try await shard.withPrimary { $0.token } == FencingToken(1))
    }

    @Test func `says why there is no primary in time`() async throws {
        shard.lose(.disconnected("connection refused"))
        let error = await #expect(throws: ManateeClientError.self) {
            try await shard.primary(within: .milliseconds(20))
        }
        #expect(error?.code == .noPrimary)
        #expect(error?.message.contains("connection refused") == true)
    }

    @Test func `is one for each path, and none for what is no path`() throws {
        let client = ManateeClient(configuration: try ZooKeeperConfiguration("127.0.0.1:1"))
        #expect(try client.shard("/manatee/1") === client.shard("/manatee/1//"))
        #expect(try client.shard("/manatee/2").path == "/manatee/2")
        for path in ["", "/", "manatee/1"] {
            let error = #expect(throws: ManateeClientError.self) { try client.shard(path) }
            #expect(error?.code == .invalidPath)
        }
    }

    @Test func `is disconnected, and says why, when no server answers`() async throws {
        try await ManateeClient.withClient(ZooKeeperConfiguration("127.0.0.1:1")) { client in
            let shard = try client.shard("/manatee/1")
            let status = await shard.statuses.first { $0 != .starting }
            guard case .disconnected(let why) = status else {
                Issue.record("\(String(describing: status))")
                return
            }
            #expect(!why.isEmpty)
        }
    }
}
