import Foundation
import Glibc
import Logging
import ManateeCore
import ManateePorts
import ManateePostgres
import Testing

/// Real servers whose data lies in real storages of one file system.
final class PeerWorld: Sendable {
    /// One peer.
    struct Node: Sendable {
        let peer: Peer
        let storage: any DataStorage
        let settings: PostgresServer.Settings
        let server: PostgresServer

        /// Asks the server as superuser over its socket.
        @discardableResult
        func ask(_ sql: String) async throws -> [[String?]] {
            let session = try await PostgresConnection.open(
                ConnectionTarget(
                    host: settings.socketDirectory,
                    port: settings.port,
                    user: "postgres",
                    credential: .operatingSystem,
                    applicationName: "test"
                )
            )
            let rows = try await session.query(sql)
            await session.close()
            return rows
        }

        /// Kills the server at once, as a crash does, and waits until it is gone.
        func crash() async throws {
            let text = try String(
                contentsOfFile: settings.dataDirectory + "/postmaster.pid",
                encoding: .utf8
            )
            let pid = try #require(text.split(separator: "\n").first.flatMap { pid_t($0) })
            kill(pid, SIGKILL)
            while await server.status().running { await Task.yield() }
        }

        /// Takes a snapshot with a name of now.
        func snapshot() async throws -> SnapshotName {
            let name = SnapshotName(milliseconds: Int64(Date().timeIntervalSince1970 * 1000))
            try await storage.takeSnapshot(name)
            return name
        }

        /// Whether the table has the row.
        func has(_ row: Int) async throws -> Bool {
            try await ask("select 1 from t where n = \(row)").count == 1
        }
    }

    private let secrets = Secrets.generate()
    private let storages: StorageWorld
    private let directory: String

    private init(_ storages: StorageWorld) {
        self.storages = storages
        directory = storages.directory
    }

    /// Runs `body` with servers of these names and stops them afterwards.
    static func with(
        _ names: [String],
        on kind: StorageKind,
        copies: Copies? = nil,
        walKeepSize: String = "64MB",
        _ body: ([Node]) async throws -> Void
    ) async throws {
        try await StorageWorld.with(kind, size: "1500M") { storages in
            let world = PeerWorld(storages)
            var nodes: [Node] = []
            for name in names { nodes.append(try world.node(name, copies, walKeepSize)) }
            let all = nodes
            try await withThrowingTaskGroup(of: Void.self) { group in
                for node in all { group.addTask { await node.server.run() } }
                let result: Result<Void, any Error>
                do {
                    result = .success(try await body(all))
                } catch {
                    result = .failure(error)
                }
                for node in all { await node.server.shutDown(within: .seconds(3)) }
                group.cancelAll()
                try await group.waitForAll()
                try result.get()
            }
        }
    }

    private func node(
        _ name: String,
        _ copies: Copies?,
        _ walKeepSize: String
    ) throws -> Node {
        let storage = storages.storage(name)
        let port = try Self.freePort()
        let side = "\(directory)/\(name).side"
        var settings = PostgresServer.Settings(
            peer: PeerID("127.0.0.1:\(port):\(port + 1)"),
            dataDirectory: storage.dataPath + "/data",
            listenAddress: "127.0.0.1",
            port: port,
            socketDirectory: side + "/socket",
            secrets: secrets,
            clientAccess: []
        )
        settings.passfile = side + "/passfile"
        settings.logDirectory = side + "/log"
        settings.rebuildRequest = side + "/rebuild"
        settings.setAsideDirectory = side + "/diverged"
        settings.walKeepSize = walKeepSize
        settings.parameters = ["shared_buffers": "16MB", "max_wal_size": "64MB"]
        settings.followTimeout = .seconds(1)
        let url = "test://\(name)"
        copies?.add(storage, as: url)
        var logger = Logger(label: name)
        let isLoud = ProcessInfo.processInfo.environment["MANATEE_TEST_LOG"] != nil
        logger.logLevel = isLoud ? .trace : .critical
        return Node(
            peer: Peer(
                id: settings.peer,
                ip: "127.0.0.1",
                postgresURL: "tcp://postgres@127.0.0.1:\(port)/postgres",
                zoneID: name,
                backupURL: url
            ),
            storage: storage,
            settings: settings,
            server: try PostgresServer(
                settings,
                storage: storage,
                copySource: copies,
                logger: logger
            )
        )
    }

    private static func freePort() throws -> Int {
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
}

extension PostgresConfiguration {
    static func primary(_ generation: Int, sync: PeerWorld.Node?) -> Self {
        .primary(Primary(generation: Generation(generation), sync: sync?.peer))
    }

    static func standby(
        of upstream: PeerWorld.Node,
        source: PeerWorld.Node? = nil,
        mustStream: Bool = true
    ) -> Self {
        .standby(
            Standby(
                upstream: upstream.peer,
                source: (source ?? upstream).peer,
                successor: nil,
                mustStream: mustStream
            )
        )
    }
}
