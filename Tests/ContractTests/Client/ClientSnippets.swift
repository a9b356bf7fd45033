import ManateeClient
import Synchronization
import Testing
import ZooKeeperClient

/// The examples of the library's documentation: what is between the marks stands there word for word.
struct ClientSnippets: Sendable {
    let servers: String

    struct Connection {
        let note: @Sendable (FencingToken) -> Void
        func work(_ token: FencingToken) async throws { note(token) }
    }

    final class Metrics: Sendable {
        private let state = Mutex(false)
        var isCurrent: Bool {
            get { state.withLock { $0 } }
            set { state.withLock { $0 = newValue } }
        }
    }

    func follow(_ print: @escaping @Sendable (String) -> Void) async throws {
        // begin
        let configuration = try ZooKeeperConfiguration(servers)

        try await ManateeClient.withClient(configuration) { client in
            let shard = try client.shard("/manatee/1.moray")

            for await primary in shard.primaries {
                print("write to \(primary.server.host):\(primary.server.port)")
            }
        }
        // end
    }

    func runBeside(
        _ body: @escaping @Sendable (ManateeClient) async throws -> Void
    ) async throws {
        @Sendable func serve(with client: ManateeClient) async throws { try await body(client) }
        // begin
        let client = ManateeClient(configuration: try ZooKeeperConfiguration(servers))
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await client.run() }
            group.addTask { try await serve(with: client) }
            try await group.next()
            group.cancelAll()
        }
        // end
    }

    func work(with shard: Shard, _ note: @escaping @Sendable (FencingToken) -> Void) async throws {
        @Sendable func connect(_ host: String, _ port: Int) async throws -> Connection {
            Connection(note: note)
        }
        // begin
        try await shard.withPrimary { primary in
            let connection = try await connect(primary.server.host, primary.server.port)
            try await connection.work(primary.token)
        }
        // end
    }

    func connectionURL(of shard: Shard) async throws -> String? {
        // begin
        let topology = try #require(await shard.topologies.first { $0.token != nil })
        let url = topology.connectionURL(for: .readWrite, user: "app", database: "moray")
        // postgresql://app@10.0.0.1:5432,10.0.0.2:5432/moray?target_session_attrs=read-write
        // end
        return url
    }

    func watch(_ shard: Shard, _ metrics: Metrics) async {
        // begin
        for await status in shard.statuses {
            switch status {
            case .following: metrics.isCurrent = true
            case .starting, .disconnected, .refused, .unreadable, .wentBack, .ended:
                metrics.isCurrent = false
            }
        }
        // end
    }
}
