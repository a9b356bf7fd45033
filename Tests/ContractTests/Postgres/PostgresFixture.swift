import Foundation
import Glibc
import Logging
import ManateeCore
import ManateePorts
import ManateePostgres
import Synchronization
import Testing

/// Real servers in a directory of their own, stopped and removed at the end.
final class PostgresFixture: Sendable {
    /// Whether the machine has what the suites need.
    static let available = access("/usr/lib/postgresql/15/bin/postgres", X_OK) == 0
    /// What to do if it has not.
    static let remedy: Comment = "install postgresql-15"

    /// One peer's server and what it said.
    final class Node: Sendable {
        let peer: Peer
        let settings: PostgresServer.Settings
        let server: PostgresServer
        private let said = Mutex<[PostgresEvent]>([])

        init(peer: Peer, settings: PostgresServer.Settings) throws {
            self.peer = peer
            self.settings = settings
            var logger = Logger(label: peer.zoneID)
            logger.logLevel =
                ProcessInfo.processInfo.environment["MANATEE_TEST_LOG"] == nil ? .critical : .trace
            server = try PostgresServer(settings, logger: logger)
        }

        /// What the server said so far, but for its sync's word and coming.
        var events: [PostgresEvent] {
            said.withLock { $0 }.filter { event in
                switch event {
                case .lost, .hung, .restarting, .answers, .writesOpened: true
                case .attached, .syncHeard: false
                }
            }
        }

        /// The generations in which it said that its sync had attached.
        var attachments: [Generation] {
            said.withLock { $0 }.compactMap { event in
                if case .attached(let generation) = event { generation } else { nil }
            }
        }

        /// What it said about its sync's word.
        var heard: [Bool] {
            said.withLock { $0 }.compactMap { event in
                switch event {
                case .syncHeard(let isHeard): isHeard
                case .lost, .attached, .hung, .restarting, .answers, .writesOpened: nil
                }
            }
        }

        func record() async {
            for await event in server.events { said.withLock { $0.append(event) } }
        }

        /// Whether it said that it lost its server.
        var lost: Bool {
            events.contains { event in
                switch event {
                case .lost: true
                case .attached, .hung, .restarting, .answers, .writesOpened, .syncHeard: false
                }
            }
        }

        /// Asks the server as superuser over its socket.
        func ask(_ sql: String, within limit: Duration = .seconds(10)) async throws -> [[String?]] {
            let session = try await PostgresConnection.open(
                ConnectionTarget(
                    host: settings.socketDirectory,
                    port: settings.port,
                    user: "postgres",
                    credential: .operatingSystem,
                    applicationName: "test"
                ),
                within: limit
            )
            let rows = try await session.query(sql, within: limit)
            await session.close()
            return rows
        }

        /// The first column of the first row.
        func value(_ sql: String) async throws -> String? {
            try await ask(sql).first?.first ?? nil
        }

        /// The process of the server; 0 if there is none.
        var pid: pid_t {
            let path = settings.dataDirectory + "/postmaster.pid"
            let text = FileManager.default.contents(atPath: path) ?? Data()
            let line = String(decoding: text, as: UTF8.self).split(separator: "\n").first
            return line.flatMap { pid_t($0) } ?? 0
        }
    }

    let directory: String
    let secrets = Secrets.generate()
    private let nodes = Mutex<[Node]>([])

    private init() throws {
        directory = "/tmp/manatee-pg-\(UUID().uuidString.prefix(8))"
        try FileManager.default.createDirectory(
            atPath: directory,
            withIntermediateDirectories: false
        )
        chmod(directory, 0o755)
    }

    /// Runs `body` with servers of these names, and takes them away afterwards.
    static func with(
        _ names: [String],
        change: (inout PostgresServer.Settings) -> Void = { _ in },
        _ body: (PostgresFixture, [Node]) async throws -> Void
    ) async throws {
        let fixture = try PostgresFixture()
        let nodes = try names.map { try fixture.node($0, change: change) }
        fixture.nodes.withLock { $0 += nodes }
        do {
            try await withThrowingTaskGroup(of: Void.self) { group in
                for node in nodes {
                    group.addTask { await node.server.run() }
                    group.addTask { await node.record() }
                }
                defer { group.cancelAll() }
                do {
                    try await body(fixture, nodes)
                } catch {
                    for node in nodes { fixture.showLog(of: node) }
                    throw error
                }
            }
        } catch {
            await fixture.tearDown()
            throw error
        }
        await fixture.tearDown()
    }

    /// A server of this shard, which the caller drives and stops.
    func node(
        _ name: String,
        change: (inout PostgresServer.Settings) -> Void = { _ in }
    ) throws -> Node {
        let port = try Self.freePort()
        let base = "\(directory)/\(name)"
        var settings = PostgresServer.Settings(
            peer: PeerID("127.0.0.1:\(port):\(port + 1)"),
            dataDirectory: base + "/data",
            listenAddress: "127.0.0.1",
            port: port,
            socketDirectory: base + "/socket",
            secrets: secrets,
            clientAccess: [try ClientAccess(address: "127.0.0.1")]
        )
        settings.walKeepSize = "64MB"
        settings.parameters = ["shared_buffers": "16MB", "max_wal_size": "64MB"]
        settings.operationTimeout = .seconds(30)
        settings.followTimeout = .seconds(1)
        change(&settings)
        let peer = Peer(
            id: settings.peer,
            ip: "127.0.0.1",
            postgresURL: "tcp://postgres@127.0.0.1:\(port)/postgres",
            zoneID: name,
            backupURL: nil
        )
        return try Node(peer: peer, settings: settings)
    }

    private func tearDown() async {
        for node in nodes.withLock({ $0 }) { await node.server.shutDown(within: .seconds(3)) }
        do {
            try FileManager.default.removeItem(atPath: directory)
        } catch {
            Issue.record("cannot remove \(directory): \(error)")
        }
    }

    private func showLog(of node: Node) {
        guard ProcessInfo.processInfo.environment["MANATEE_TEST_LOG"] != nil else { return }
        let logs = node.settings.logDirectory
        for name in (try? FileManager.default.contentsOfDirectory(atPath: logs)) ?? [] {
            let text = FileManager.default.contents(atPath: "\(logs)/\(name)") ?? Data()
            print("== \(node.peer.zoneID) \(name)\n\(String(decoding: text, as: UTF8.self))")
        }
    }

    static func freePort() throws -> Int {
        let socket = Glibc.socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(socket) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = inet_addr("127.0.0.1")
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let result = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { plain in
                bind(socket, plain, length) == 0 && getsockname(socket, plain, &length) == 0
            }
        }
        try #require(result)
        return Int(UInt16(bigEndian: address.sin_port))
    }

    // MARK: Shards

    /// Makes a the primary of generation 1, b its sync, and c (if any) an async behind b; returns when
    /// applications may write.
    func establish(_ a: Node, _ b: Node, _ c: Node? = nil) async throws {
        _ = try await a.server.configure(.primary(1, b))
        _ = try await b.server.configure(.standby(of: a, successor: c))
        if let c { _ = try await c.server.configure(.standby(of: b, source: a)) }
        try await expectEventually("writes are open") { !a.events.isEmpty }
        try await createApplication(on: a)
    }

    // MARK: Applications

    /// Creates a role for applications, with a table of its own.
    func createApplication(on primary: Node) async throws {
        _ = try await primary.ask("create role app login password 'app-password-1234'")
        _ = try await primary.ask("create table t (n int)")
        _ = try await primary.ask("grant all on t to app")
        let path = directory + "/app.passfile"
        try "*:*:*:app:app-password-1234\n".write(toFile: path, atomically: true, encoding: .utf8)
        chmod(path, 0o600)
    }

    /// Connects as an application.
    func connect(to node: Node) async throws -> PostgresConnection {
        try await PostgresConnection.open(
            ConnectionTarget(
                host: "127.0.0.1",
                port: node.settings.port,
                user: "app",
                credential: .passfile(directory + "/app.passfile"),
                applicationName: "application"
            ),
            within: .seconds(3)
        )
    }
}

/// Waits for a condition with a deadline.
func expectEventually(
    within limit: Duration = .seconds(60),
    _ what: Comment,
    sourceLocation: SourceLocation = #_sourceLocation,
    _ holds: () async throws -> Bool
) async throws {
    let deadline = ContinuousClock.now + limit
    while ContinuousClock.now < deadline {
        // A server that is on its way up or down may refuse; the deadline decides.
        if (try? await holds()) == true { return }
        try await Task.sleep(for: .milliseconds(10))
    }
    Issue.record(what, sourceLocation: sourceLocation)
    throw CancellationError()
}

extension PostgresConfiguration {
    static func primary(
        _ generation: Int,
        _ sync: PostgresFixture.Node?,
        timeline: UInt32? = nil
    ) -> Self {
        .primary(
            Primary(
                generation: Generation(generation),
                sync: sync?.peer,
                timeline: timeline.map { TimelineID($0) }
            )
        )
    }

    static func standby(
        of upstream: PostgresFixture.Node,
        source: PostgresFixture.Node? = nil,
        successor: PostgresFixture.Node? = nil,
        mustStream: Bool = false
    ) -> Self {
        .standby(
            Standby(
                upstream: upstream.peer,
                source: (source ?? upstream).peer,
                successor: successor?.peer,
                mustStream: mustStream
            )
        )
    }
}
