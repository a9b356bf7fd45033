package import Logging
package import ManateePorts
import ZooKeeperClient

/// The shards below `/manatee` in ZooKeeper, as an operator's tool uses them.
package struct ZooKeeperShards: ShardConnector {
    /// Who to be; nil (default) for nobody.
    package var credentials: StoreSettings.Credentials?
    /// Encryption; nil (default) for none.
    package var encryption: StoreSettings.Encryption?
    /// How long servers are waited for; default 10 s.
    package var patience = Duration.seconds(10)
    /// Gets changes of the connection.
    package var logger: Logger

    /// The shards that can be reached in this way.
    package init(
        credentials: StoreSettings.Credentials? = nil,
        encryption: StoreSettings.Encryption? = nil,
        logger: Logger = Logger(label: "store")
    ) {
        self.credentials = credentials
        self.encryption = encryption
        self.logger = logger
    }

    /// Connects, runs `body` on the shard, and disconnects.
    ///
    /// - Parameters:
    ///   - shard: the shard's name, which is its directory below `/manatee`.
    ///   - servers: the connection string.
    ///   - body: what to do while connected.
    /// - Returns: what `body` returned.
    /// - Throws: `ShardAccessFailure` if no server answers within `patience`, `StoreFailure` if the
    ///   settings cannot be used, and what `body` throws.
    package func withShard<Result: Sendable>(
        _ shard: String,
        at servers: String,
        _ body: @Sendable (any ShardAdministration) async throws -> Result
    ) async throws -> Result {
        var settings = StoreSettings(servers: servers)
        settings.credentials = credentials
        settings.encryption = encryption
        let paths = try ShardPaths(shard: shard)
        var configuration = try settings.configuration()
        configuration.requestWait = patience
        let accessList = settings.accessList
        return try await ZooKeeperClient.withClient(configuration, logger: logger) { client in
            do {
                // Waits for a connection, and lets the server catch up with all that was written.
                try await client.sync(paths.root)
            } catch {
                throw ShardAccessFailure(
                    "cannot connect to ZooKeeper at \(servers): \(error)"
                        + (client.status.lastFailure.map { " (\($0))" } ?? "")
                )
            }
            return try await body(
                ZooKeeperShardAdministration(client: client, paths: paths, accessList: accessList)
            )
        }
    }
}
