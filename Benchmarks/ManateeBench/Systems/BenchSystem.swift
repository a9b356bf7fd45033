import ManateeLocal
import ManateePostgres

/// A manager of PostgreSQL that is measured: three peers and a store, each on a node of its own.
protocol BenchSystem: Sendable {
    /// What it is called in the report.
    var name: String { get }
    /// Which of its settings is used.
    var profile: String { get }
    /// Where it runs.
    var lab: Lab { get }
    /// The role that may do everything, and comes by the socket.
    var superuser: String { get }

    /// Writes files and starts nothing.
    func prepare() async throws
    /// Starts the store and waits until it serves.
    func startStore() async throws
    /// Kills the store.
    func killStore() async throws
    /// What the store was asked so far.
    func storeTraffic() async throws -> StoreTraffic
    /// Starts the daemon of one peer; it starts its postgres.
    func start(_ node: Node) async throws
    /// Ends the daemon of one peer in order, and its postgres.
    func stop(_ node: Node) async throws
    /// Asks for a planned change of the primary, and waits for the answer.
    func switchOver(from primary: Node, to sync: Node) async throws
    /// Whether the manager has taken down which standby is the sync, so that it could promote it.
    func hasNamedSync(of primary: Node) async throws -> Bool
}

extension BenchSystem {
    /// What postgres waits for is what the manager has written, unless it says otherwise.
    func hasNamedSync(of primary: Node) async throws -> Bool { true }

    /// The directory of a peer's socket.
    func socketDirectory(_ node: Node) -> String { node.directory + "/socket" }

    /// The directory of a peer's database.
    func dataDirectory(_ node: Node) -> String { node.directory + "/data" }

    /// The file that the daemon's output goes to.
    func logFile(_ node: Node) -> String { node.directory + "/daemon.log" }

    /// Opens a session as superuser over a peer's own socket.
    func superuser(
        of node: Node,
        database: String = "postgres",
        within limit: Duration = .seconds(5)
    ) async throws(PostgresError) -> PostgresConnection {
        try await PostgresConnection.open(
            ConnectionTarget(
                host: socketDirectory(node),
                port: Port.postgres,
                user: superuser,
                database: database,
                credential: .operatingSystem,
                applicationName: "manatee-bench"
            ),
            within: limit
        )
    }

    /// Opens a session as the application through libpq's list of hosts, which begins at `first`.
    func application(
        startingAt first: Int,
        for attributes: String,
        passfile: String,
        within limit: Duration
    ) async throws(PostgresError) -> PostgresConnection {
        let addresses = lab.peers.map(\.address)
        let rotated = addresses.indices.map { addresses[($0 + first) % addresses.count] }
        var target = ConnectionTarget(
            host: rotated[0],
            port: Port.postgres,
            user: "bench",
            database: "bench",
            credential: .passfile(passfile),
            applicationName: "manatee-bench-client"
        )
        target.overrides = [
            "host": rotated.joined(separator: ","), "target_session_attrs": attributes,
        ]
        return try await PostgresConnection.open(target, within: limit)
    }

}

/// The ports that everything listens on; each node has its own address.
enum Port {
    static let postgres = 5432
    static let status = 5433
    static let backup = 12_345
    static let zooKeeper = 2181
    static let etcd = 2379
    static let etcdPeer = 2380
    static let patroni = 8008
    /// Where nobody listens.
    static let discard = 9
}
