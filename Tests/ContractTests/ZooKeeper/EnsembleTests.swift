import ManateeLocal
import Testing
import ZooKeeperClient

@Suite(
    "Three real ZooKeeper servers",
    .serialized,
    .timeLimit(.minutes(3)),
    .zooKeeper(servers: 3)
)
struct EnsembleTests {
    @Test func `the leader's death costs neither the session nor a word of truth`() async throws {
        let store = try RunningStore.shared()
        let leader = try #require(await store.ensemble.leader())
        // One client at the server that dies, one that works on.
        var atLeader = try ZooKeeperConfiguration(store.ensemble.connectionString)
        atLeader.sessionTimeout = .seconds(8)
        try await ZooKeeperClient.withClient(atLeader, logger: .quiet) { client in
            let session = try await sessionID(of: client)
            try await client.create("/leader", data: [0])
            try await client.create("/leader/alive", mode: .ephemeral)
            try await client.create("/load")
            let watch = try await client.watchData("/leader").watch
            let outcomes = try await withThrowingTaskGroup(
                of: [(String, ZooKeeperError?)].self
            ) { group in
                for writer in 0..<4 {
                    group.addTask { await load(client, writer: writer, count: 300) }
                }
                try await eventually("the load has begun") {
                    try await client.children(of: "/load").names.count > 20
                }
                await leader.kill()
                return try await group.reduce(into: []) { $0 += $1 }
            }
            try await store.withClient { other in
                try await other.set("/leader", data: [1], version: 0)
            }
            #expect(try await watch.event().kind == .dataChanged)
            #expect(client.status.sessionID == session)
            #expect(try await client.exists("/leader/alive")?.ephemeralOwner == session)

            try await client.sync("/load")
            let present = Set(try await client.children(of: "/load").names)
            for (name, error) in outcomes {
                switch error?.outcome {
                case nil: #expect(present.contains(name), "acknowledged, but lost")
                case .notDone: #expect(!present.contains(name), "\(error as Any), but done")
                case .unknown: break
                }
            }
            #expect(outcomes.count == 1_200)
            #expect(outcomes.contains { $0.1 == nil })
        }
        try await leader.start()
    }

    @Test func `a frozen server is left within the read timeout, and nothing is missed`()
        async throws
    {
        let store = try RunningStore.shared()
        try await store.withClient(timeout: .seconds(3)) { client in
            let session = try await sessionID(of: client)
            try await client.create("/frozen", data: [0])
            let watch = try await client.watchData("/frozen").watch
            let port = try #require(client.status.server?.port)
            let server = try #require(
                store.ensemble.servers.first { $0.settings.clientPort == port }
            )
            let clock = ContinuousClock()
            let start = clock.now
            await server.freeze()
            try await eventually("the silence is noticed") {
                client.status.state == .suspended
                    || client.status.server.map { $0.port != port } == true
            }
            #expect(clock.now - start < .milliseconds(2_500), "2/3 of 3 s, and some slack")
            try await store.withClient(timeout: .seconds(8)) { other in
                try await other.set("/frozen", data: [1], version: nil)
            }
            #expect(try await watch.event().kind == .dataChanged)
            #expect(client.status.sessionID == session)
            #expect(client.status.server?.port != port)
            await server.thaw()
        }
    }

    @Test func `the session waits while all servers are gone, and goes on when they return`()
        async throws
    {
        let store = try RunningStore.shared()
        try await store.withClient(timeout: .seconds(3)) { client in
            let session = try await sessionID(of: client)
            try await client.create("/gone", mode: .ephemeral)
            await store.ensemble.stop()
            try await eventually("the deadline passes") {
                !client.status.isAlive(at: .now)
            }
            #expect(client.status.state == .suspended)
            try await store.ensemble.start()
            // A new leader gives each session its whole timeout again.
            #expect(try await client.exists("/gone")?.ephemeralOwner == session)
            #expect(client.status.state == .connected)
        }
    }

    @Test func `a server without a quorum is not used`() async throws {
        let store = try RunningStore.shared()
        let leader = try #require(await store.ensemble.leader())
        let others = store.ensemble.servers.filter { $0 !== leader }
        for server in others {
            await server.kill()
        }
        try await eventually("the last one is read-only") {
            await leader.report()?.mode == "read-only"
        }
        var configuration = try store.configuration()
        configuration.requestWait = .seconds(1)
        try await ZooKeeperClient.withClient(configuration, logger: .quiet) { client in
            let error = try await failure { try await client.create("/minority") }
            #expect(error.code == .notConnected)
            #expect(error.outcome == .notDone)
        }
        try await store.ensemble.start()
    }
}

/// Creates nodes one after the other, and says what became of each.
private func load(
    _ client: ZooKeeperClient,
    writer: Int,
    count: Int
) async -> [(String, ZooKeeperError?)] {
    var outcomes: [(String, ZooKeeperError?)] = []
    for number in 0..<count {
        let name = "\(writer)-\(number)"
        do throws(ZooKeeperError) {
            try await client.create("/load/\(name)")
            outcomes.append((name, nil))
        } catch {
            outcomes.append((name, error))
        }
    }
    return outcomes
}
