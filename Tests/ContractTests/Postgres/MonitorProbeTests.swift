import Foundation
import Glibc
import ManateeCore
import ManateePorts
import ManateePostgres
import Testing

@Suite(
    "A look at a peer's postgres",
    .serialized,
    .enabled(if: PostgresFixture.available, PostgresFixture.remedy)
)
struct MonitorProbeTests {
    private static let limit = Duration.seconds(5)

    @Test(.timeLimit(.minutes(1)))
    func `tells who streams from it, how far it is, and how old its last commit is`()
        async throws
    {
        try await PostgresFixture.with(["a", "b", "c"]) { fixture, nodes in
            let (a, b, c) = (nodes[0], nodes[1], nodes[2])
            _ = try await a.server.configure(.primary(1, b))
            _ = try await b.server.configure(.standby(of: a, successor: c))
            _ = try await c.server.configure(.standby(of: b, source: a))
            try await expectEventually("writes are open") { !a.events.isEmpty }
            try await fixture.createApplication(on: a)
            let secretFile = fixture.directory + "/secrets"
            try fixture.secrets.save(to: secretFile)
            let probe = try MonitorProbe(secretFile: secretFile)

            try await expectEventually("the whole chain streams") {
                let primary = try #require(await report(probe, of: a))
                let sync = try #require(await report(probe, of: b))
                let async = try #require(await report(probe, of: c))
                let row = try #require(primary.replication.first)
                let next = try #require(sync.replication.first)
                return primary.replayLag == nil && sync.replayLag != nil && async.replayLag != nil
                    && row.applicationName == b.peer.id.text && row.clientAddress == "127.0.0.1"
                    && row.state == "streaming" && row.syncState == "sync"
                    && row.sent != nil && row.write != nil && row.flush != nil && row.replay != nil
                    && next.applicationName == c.peer.id.text && next.syncState == "async"
                    && async.replication.isEmpty
                    && primary.timeline == TimelineID(1)
                    && [primary, sync, async].allSatisfy { $0.log != nil }
            }
            let character = try #require(await probe.inspect(a.peer, within: Self.limit))
            #expect((13...18).contains(character.majorVersion))
            #expect(character.description.hasPrefix("PostgreSQL \(character.majorVersion)"))
            #expect(character.synchronousCommit == "on" && !character.collation.isEmpty)
            let now = Int64(Date().timeIntervalSince1970 * 1000)
            #expect(abs(character.clockMilliseconds - now) < 60_000)

            await c.server.shutDown(within: .seconds(5))
            let sighting = await probe.probe(c.peer, within: Self.limit)
            #expect(sighting == .failed(cause: "ECONNREFUSED"))
        }
    }

    @Test(.timeLimit(.minutes(1)))
    func `takes the password from libpq's places, and says what is wrong with it`() async throws {
        try await PostgresFixture.with(["a"]) { fixture, nodes in
            let a = nodes[0]
            _ = try await a.server.configure(.primary(1, nil))
            let path = fixture.directory + "/pgpass"
            try write(fixture.secrets.passfile, to: path)
            let named = MonitorProbe(environment: ["PGPASSFILE": path])
            #expect(await report(named, of: a)?.replication == [])

            try write(fixture.secrets.passfile, to: fixture.directory + "/.pgpass")
            let atHome = MonitorProbe(environment: ["HOME": fixture.directory])
            #expect(await report(atHome, of: a)?.replication == [])

            try write(Secrets.generate().passfile, to: path)
            #expect(
                await named.probe(a.peer, within: Self.limit)
                    == .failed(
                        cause: "password authentication failed for user \"manatee_monitor\""
                    )
            )
            let without = MonitorProbe(environment: [:])
            guard case .failed(let cause) = await without.probe(a.peer, within: Self.limit) else {
                Issue.record("admitted without a password")
                return
            }
            #expect(cause.hasPrefix("no password for manatee_monitor; put it in a passfile"))
        }
    }

    @Test(.timeLimit(.minutes(1)))
    func `gives up on a server that is silent`() async throws {
        let socket = Glibc.socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(socket) }
        try #require(listen(socket, 1) == 0)
        var address = sockaddr_in()
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let named = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                getsockname(socket, $0, &length)
            }
        }
        try #require(named == 0)
        let port = UInt16(bigEndian: address.sin_port)
        let peer = Peer(
            id: PeerID("127.0.0.1:\(port):1"),
            ip: "127.0.0.1",
            postgresURL: "tcp://postgres@127.0.0.1:\(port)/postgres",
            zoneID: "silent",
            backupURL: nil
        )
        let begin = ContinuousClock.now
        let sighting = await MonitorProbe(environment: [:])
            .probe(peer, within: .milliseconds(200))
        #expect(sighting == .failed(cause: "postgres request timed out"))
        #expect(ContinuousClock.now - begin < .seconds(2))
    }

    private func report(
        _ probe: MonitorProbe,
        of node: PostgresFixture.Node
    ) async -> PostgresReport? {
        switch await probe.probe(node.peer, within: Self.limit) {
        case .answered(let report): report
        case .failed: nil
        }
    }

    private func write(_ text: String, to path: String) throws {
        try text.write(toFile: path, atomically: true, encoding: .utf8)
        try #require(chmod(path, 0o600) == 0)
    }
}

@Suite("The endpoint of a peer")
struct PeerEndpointTests {
    @Test(arguments: [
        ("tcp://postgres@10.0.0.1:5433/postgres", "10.0.0.1", 5433),
        ("tcp://postgres@[fd00::7]:5433/postgres", "fd00::7", 5433),
        ("tcp://db.example/postgres", "db.example", 5432),
        ("tcp://[fd00::7]/postgres", "fd00::7", 5432),
        ("", "10.0.0.9", 5432),
    ])
    func `is in its URL, or in its address`(url: String, host: String, port: Int) {
        let peer = Peer(
            id: PeerID("whatever"),
            ip: "10.0.0.9",
            postgresURL: url,
            zoneID: "z",
            backupURL: nil
        )
        #expect(PeerEndpoint(peer).host == host)
        #expect(PeerEndpoint(peer).port == port)
    }

    @Test func `has the port of its id when the URL has none`() {
        let peer = Peer(
            id: PeerID("10.0.0.9:5442:12345"),
            ip: "10.0.0.9",
            postgresURL: "",
            zoneID: "z",
            backupURL: nil
        )
        #expect(PeerEndpoint(peer).port == 5442)
    }
}

@Suite("The cause of a failed look")
struct ProbeCauseTests {
    private static let prefix = "connection to server at \"10.0.0.1\", port 5432 failed: "

    @Test(arguments: [
        ("Connection refused\n\tIs the server running on that host?", "ECONNREFUSED"),
        ("No route to host", "EHOSTUNREACH"),
        ("Network is unreachable", "ENETUNREACH"),
        ("Connection reset by peer", "ECONNRESET"),
        ("something new", "something new"),
    ])
    func `is an errno where the network said no`(message: String, cause: String) {
        let error = PostgresError.unreachable(server: "s", message: Self.prefix + message)
        #expect(ProbeCause(error).text == cause)
    }

    @Test func `is what the server said where it spoke`() {
        let refused = PostgresError.refused(
            server: "s",
            sqlState: "57P03",
            message: Self.prefix + "FATAL:  the database system is starting up"
        )
        #expect(ProbeCause(refused).text == "the database system is starting up")
        let failed = PostgresError.statementFailed(
            server: "s",
            statement: "select 1",
            sqlState: "42501",
            message: "permission denied"
        )
        #expect(ProbeCause(failed).text == "permission denied")
    }
}
