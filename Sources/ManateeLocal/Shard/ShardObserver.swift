import Logging
package import ManateeCore
package import ManateePostgres
import ManateeWire
import ZooKeeperClient

/// Looks at a local shard from outside, at the store and at each postgres.
package struct ShardObserver: Sendable {
    /// The shard's settings.
    package var settings: DevSettings
    /// Where it lives.
    package var directory: DevDirectory

    /// An observer of the shard in `directory`.
    package init(settings: DevSettings, directory: DevDirectory) {
        self.settings = settings
        self.directory = directory
    }

    /// How long one answer may take: a shard is looked at while parts of it are dead.
    private static let patience = Duration.seconds(2)

    /// What the shard looks like now.
    ///
    /// - Throws: `ZooKeeperError` or `WireError` if the store does not answer or holds nonsense.
    package func look() async throws -> ShardStatus {
        let (state, present) = try await readStore()
        var links: [PeerID: [ShardStatus.Link]] = [:]
        for peer in state?.chain ?? [] {
            guard let number = number(of: peer.id) else { continue }
            do {
                links[peer.id] = try await replication(of: number)
            } catch {
                // A postgres that does not answer has no links; the status says who does not stream.
                continue
            }
        }
        return ShardStatus(
            state: state,
            present: present,
            links: links,
            isWritable: state == nil ? false : await isWritable()
        )
    }

    /// The peer's number in this shard, counted from 1; nil if it is none of ours.
    package func number(of id: PeerID) -> Int? {
        (1...settings.ports.peers.count).first { self.id(of: $0) == id }
    }

    /// The id of the peer `number`, counted from 1.
    package func id(of number: Int) -> PeerID {
        let ports = settings.ports.peers[number - 1]
        return PeerID("127.0.0.1:\(ports.postgres):\(ports.backup)")
    }

    /// Opens a session as superuser over the peer's own socket, which no gate closes.
    ///
    /// - Throws: `PostgresError`
    package func superuser(
        of number: Int,
        database: String = "postgres"
    ) async throws -> PostgresConnection {
        try await PostgresConnection.open(
            ConnectionTarget(
                host: directory.socketDirectory(number),
                port: settings.ports.peers[number - 1].postgres,
                user: Secrets.superuser,
                database: database,
                credential: .operatingSystem,
                applicationName: "manatee-dev"
            ),
            within: Self.patience
        )
    }

    /// Opens a session as the application, on whichever peer admits writes.
    ///
    /// - Parameter first: which peer is tried first, counted from 0; the others follow in turn.
    /// - Returns: the session.
    /// - Throws: `PostgresError`
    package func application(startingAt first: Int = 0) async throws -> PostgresConnection {
        let ports = settings.ports.peers.map { String($0.postgres) }
        let rotated = ports.indices.map { ports[($0 + first) % ports.count] }
        var target = ConnectionTarget(
            host: "127.0.0.1",
            port: settings.ports.peers[0].postgres,
            user: "app",
            database: "app",
            credential: .passfile(directory.passfile),
            applicationName: "manatee-dev-app"
        )
        target.overrides = [
            "host": ports.map { _ in "127.0.0.1" }.joined(separator: ","),
            "port": rotated.joined(separator: ","),
            "target_session_attrs": "read-write",
        ]
        return try await PostgresConnection.open(target, within: Self.patience)
    }

    private func isWritable() async -> Bool {
        do {
            let connection = try await application()
            await connection.close()
            return true
        } catch {
            // Why nobody is admitted is seen in the rest of the status and in the logs.
            return false
        }
    }

    private func replication(of number: Int) async throws -> [ShardStatus.Link] {
        let connection = try await superuser(of: number)
        let rows = try await connection.query(
            "SELECT application_name, state, sync_state FROM pg_stat_replication",
            within: Self.patience
        )
        await connection.close()
        return rows.map { row in
            ShardStatus.Link(
                downstream: row[0] ?? "",
                state: row[1] ?? "",
                syncState: row[2] ?? ""
            )
        }
    }

    private func readStore() async throws -> (ClusterState?, [PeerID]) {
        var configuration = ZooKeeperConfiguration(
            connection: try ConnectionString(settings.storeServers)
        )
        configuration.sessionTimeout = .seconds(4)
        configuration.requestWait = Self.patience
        var logger = Logger(label: "manatee-dev")
        logger.logLevel = .critical
        let shardPath = "/manatee/\(settings.shard)"
        return try await ZooKeeperClient.withClient(configuration, logger: logger) { client in
            let names: [String]
            do {
                names = try await client.children(of: shardPath + "/election").names
            } catch let error as ZooKeeperError where error.code == .noNode {
                return (nil, [])
            }
            let present = names.compactMap { ElectionName($0)?.id }
            do {
                let data = try await client.get(shardPath + "/state").data
                return (try ClusterStateJSON.decode(data), present)
            } catch let error as ZooKeeperError where error.code == .noNode {
                return (nil, present)
            }
        }
    }
}
