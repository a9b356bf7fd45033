import Logging
import NIOCore
import NIOPosix
import Synchronization
import Testing

@testable import ManateeProxy

@Suite("The proxy between clients and servers", .timeLimit(.minutes(2)))
struct RelayTests {
    /// A proxy that runs for the length of a test.
    struct Running: Sendable {
        let proxy: ProxyServer
        let ports: [ProxyListener: Int]

        var writes: Int { ports[.readWrite] ?? 0 }
        var reads: Int { ports[.readOnly] ?? 0 }

        func follow(_ generation: Int, _ primary: FakePostgres, _ standbys: FakePostgres...) {
            proxy.follow(
                ProxyTopology(
                    generation: generation,
                    primary: primary.backend,
                    standbys: standbys.map(\.backend)
                )
            )
        }

        func look<Value>(_ body: (ProxyHub.State) -> Value) -> Value { proxy.hub.look(body) }
    }

    private func withProxy(
        _ change: (inout ProxyServer.Settings) -> Void = { _ in },
        _ body: (Running) async throws -> Void
    ) async throws {
        let port = ProxyServer.Port(address: "127.0.0.1", port: 0)
        var settings = ProxyServer.Settings(ports: [.readWrite: port, .readOnly: port])
        settings.drainTime = .zero
        change(&settings)
        let (ports, told) = AsyncStream.makeStream(of: [ProxyListener: Int].self)
        let proxy = ProxyServer(
            settings: settings,
            group: MultiThreadedEventLoopGroup.singleton,
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() },
            onListening: { told.yield($0) }
        )
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await proxy.run() }
            let ports = try #require(await ports.first { _ in true })
            try await body(Running(proxy: proxy, ports: ports))
            group.cancelAll()
        }
    }

    @Test func `relays in both directions, and counts`() async throws {
        try await withProxy { running in
            let server = try await FakePostgres.start(1)
            running.follow(1, server)
            let client = try await TestClient.connect(running.writes)
            try await client.isReady()
            try await client.say("select 1")
            try await client.hears("select 1")
            #expect(running.look { $0.routing.connections } == [server.backend: 1])
            await client.close()
            try await eventually("it is forgotten") {
                running.look {
                    $0.handles.isEmpty && $0.keys.isEmpty && $0.sockets[.readWrite] == 0
                }
            }
            #expect(running.look { $0.counters.bytesToServers } == TestClient.startup.count + 8)
            // The server may still say farewell, which nobody hears.
            #expect(running.look { $0.counters.bytesToClients } >= client.heard.count)
            try await server.stop()
        }
    }

    @Test func `holds clients until there is a primary that admits them`() async throws {
        try await withProxy { running in
            let server = try await FakePostgres.start(1, .turnsAway("57P03"))
            let client = try await TestClient.connect(running.writes)
            try await eventually("it is held") { running.look { $0.routing.held.count } == 1 }
            running.follow(1, server)
            try await eventually("it was turned away") {
                running.look { $0.counters.turnedAway } > 0
            }
            #expect(client.heard.isEmpty)
            server.become(.admits)
            try await client.isReady()
            try await client.say("hello")
            try await client.hears("hello")
            #expect(running.look { $0.counters.released } == 1)
            try await server.stop()
        }
    }

    @Test func `cuts old connections and leads held ones on when the primary is replaced`()
        async throws
    {
        try await withProxy { running in
            let (one, two) = (try await FakePostgres.start(1), try await FakePostgres.start(2))
            running.follow(1, one, two)
            let old = try await TestClient.connect(running.writes)
            try await old.isReady()
            try await one.stop()
            try await old.isCut()
            let held = try await TestClient.connect(running.writes)
            try await eventually("it is held") { running.look { $0.routing.held.count } == 1 }
            running.follow(2, two)
            try await held.isReady()
            try await held.say("hello")
            try await eventually("the new primary hears it") {
                two.state.withLock { $0.heard } == ["hello"]
            }
            try await two.stop()
        }
    }

    @Test func `cuts at once what a deposed primary still has`() async throws {
        try await withProxy { running in
            let (one, two) = (try await FakePostgres.start(1), try await FakePostgres.start(2))
            running.follow(1, one, two)
            let client = try await TestClient.connect(running.writes)
            try await client.isReady()
            running.follow(2, two)
            try await client.isCut()
            #expect(running.look { $0.counters.cut } == 1)
            try await eventually("the server is told, too") {
                one.state.withLock { $0.inputsClosed } == 1
            }
            try await one.stop()
            try await two.stop()
        }
    }

    @Test func `sends writers away from a primary that is in recovery still`() async throws {
        try await withProxy { running in
            let server = try await FakePostgres.start(1, .inRecovery)
            running.follow(1, server, server)
            let client = try await TestClient.connect(running.writes)
            try await client.hears("57P03")
            try await client.isCut()
            #expect(!client.heard.contains(UInt8(ascii: "Z")))
            let reader = try await TestClient.connect(running.reads)
            try await reader.isReady()
            try await server.stop()
        }
    }

    @Test func `passes other errors on as they are`() async throws {
        try await withProxy { running in
            let server = try await FakePostgres.start(1, .turnsAway("3D000"))
            running.follow(1, server)
            let client = try await TestClient.connect(running.writes)
            try await client.hears("3D000")
            try await client.isCut()
            try await server.stop()
        }
    }

    @Test func `tells clients why they are sent away`() async throws {
        try await withProxy({
            $0.limits.connections = [.readWrite: 1, .readOnly: 5]
            $0.limits.heldConnections = 1
            $0.limits.holdTime = .seconds(600)
        }) { running in
            let first = try await TestClient.connect(running.writes)
            try await eventually("it is held") { running.look { $0.routing.held.count } == 1 }
            let second = try await TestClient.connect(running.writes)
            try await second.hears("53300")
            let third = try await TestClient.connect(running.reads)
            try await third.hears("too many wait already")
            for client in [second, third] { try await client.isCut() }
            #expect(first.heard.isEmpty)
        }
    }

    @Test func `tells a client that it waited for long enough`() async throws {
        try await withProxy({ $0.limits.holdTime = .milliseconds(200) }) { running in
            let client = try await TestClient.connect(running.writes)
            try await client.hears("in time")
            try await client.isCut()
        }
    }

    @Test func `forwards a cancel request to the server of the session`() async throws {
        try await withProxy { running in
            let (one, two) = (try await FakePostgres.start(1), try await FakePostgres.start(2))
            running.follow(1, one, two)
            let writer = try await TestClient.connect(running.writes)
            let reader = try await TestClient.connect(running.reads)
            try await writer.isReady()
            try await reader.isReady()
            let head: [UInt8] = [0, 0, 0, 16, 4, 210, 22, 46]
            // The port that it comes to does not matter.
            let cancel = try await TestClient.connect(running.writes, saying: head + two.key)
            try await cancel.isCut()
            #expect(two.cancels == [two.key])
            #expect(one.cancels == [])
            let stranger = try await TestClient.connect(
                running.writes,
                saying: head + [9, 9, 9, 9, 9, 9, 9, 9]
            )
            try await stranger.isCut()
            #expect(one.cancels == [])
            #expect(running.look { $0.counters.cancelsUnknown } == 1)
            try await one.stop()
            try await two.stop()
        }
    }

    @Test func `passes encryption through, and a cancel request to where it may belong`()
        async throws
    {
        try await withProxy { running in
            let server = try await FakePostgres.start(1, .encrypts)
            let other = try await FakePostgres.start(2)
            running.follow(1, server, other)
            let client = try await TestClient.connect(
                running.writes,
                saying: TestClient.encryptionRequest
            )
            try await client.hears("S")
            try await client.say("secret")
            try await client.hears("secret")
            let head: [UInt8] = [0, 0, 0, 16, 4, 210, 22, 46]
            let key: [UInt8] = [7, 7, 7, 7, 7, 7, 7, 7]
            let cancel = try await TestClient.connect(running.writes, saying: head + key)
            try await cancel.isCut()
            #expect(server.cancels == [key])
            #expect(other.cancels == [])
            try await server.stop()
            try await other.stop()
        }
    }

    @Test func `goes on in the clear after a no to encryption, also when it is held`()
        async throws
    {
        try await withProxy { running in
            let server = try await FakePostgres.start(1, .turnsAway("57P03"))
            running.follow(1, server)
            let client = try await TestClient.connect(
                running.writes,
                saying: TestClient.encryptionRequest
            )
            try await client.hears("N")
            try await client.say(TestClient.startup)
            try await eventually("it was turned away") {
                running.look { $0.counters.turnedAway } > 0
            }
            server.become(.admits)
            try await client.isReady()
            try await client.say("hello")
            try await client.hears("hello")
            try await server.stop()
        }
    }

    @Test func `reads the header of a balancer in front, and closes without one`() async throws {
        try await withProxy({
            $0.ports[.readWrite]?.acceptsProxyHeader = true
            $0.sentHeader = .v1
        }) { running in
            let server = try await FakePostgres.start(1)
            running.follow(1, server)
            let naked = try await TestClient.connect(running.writes)
            try await naked.isCut()
            let header = Array("PROXY TCP4 192.0.2.7 192.0.2.1 5000 6432\r\n".utf8)
            _ = try await TestClient.connect(running.writes, saying: header + TestClient.startup)
            // This server takes the header for nonsense, as postgres would.
            try await eventually("the server sees a header") {
                server.state.withLock { $0.heard.first?.hasPrefix("PROXY TCP4 127.0.0.1") ?? false }
            }
            try await server.stop()
        }
    }

    @Test func `passes on that a client has said all, and still brings it the answer`()
        async throws
    {
        try await withProxy { running in
            let server = try await FakePostgres.start(1)
            running.follow(1, server)
            let client = try await TestClient.connect(running.writes)
            try await client.isReady()
            try await client.closeOutput()
            try await client.hears("farewell")
            try await client.isCut()
            #expect(server.state.withLock { $0.inputsClosed } == 1)
            try await server.stop()
        }
    }

    @Test func `keeps little for a client that reads slowly`() async throws {
        try await withProxy { running in
            let server = try await FakePostgres.start(1, .floods)
            running.follow(1, server)
            let client = try await TestClient.connect(running.writes)
            try await client.isReady()
            try await client.listen(false)
            // What the kernels take is bounded, too: then nothing moves any more.
            var last = -1
            try await eventually("the flood stands still") {
                let before = server.state.withLock { $0.sent }
                try await Task.sleep(for: .milliseconds(200))
                last = server.state.withLock { $0.sent }
                return before == last
            }
            // On a busy machine much had arrived before it listened no more.
            let heard = client.heard.count
            #expect(last - heard < 64 << 20)
            try await client.listen(true)
            try await eventually("it flows again") { client.heard.count > heard + (1 << 20) }
            await client.close()
            try await server.stop()
        }
    }

    @Test func `forgets a client that goes away while it is held`() async throws {
        try await withProxy { running in
            let client = try await TestClient.connect(running.writes)
            try await eventually("it is held") { running.look { $0.routing.held.count } == 1 }
            await client.close()
            try await eventually("it is forgotten") { running.look { $0.handles.isEmpty } }
            #expect(running.look { $0.routing.held } == [])
        }
    }

    @Test func `shows its figures`() async throws {
        try await withProxy { running in
            let server = try await FakePostgres.start(1)
            running.follow(7, server)
            let client = try await TestClient.connect(running.writes)
            try await client.isReady()
            let text = running.look { ProxyMetrics.text($0, storeCurrent: true) }
            for line in [
                "manatee_proxy_generation 7", "manatee_proxy_clients{listener=\"read-write\"} 1",
                "manatee_proxy_server_connections{server=\"\(server.backend)\"} 1",
                "manatee_proxy_accepted_total{listener=\"read-write\"} 1",
                "manatee_proxy_refused_total{reason=\"hold_time\"} 0", "# EOF",
            ] {
                #expect(text.split(separator: "\n").contains(Substring(line)), "\(line)")
            }
            await client.close()
            try await server.stop()
        }
    }
}
