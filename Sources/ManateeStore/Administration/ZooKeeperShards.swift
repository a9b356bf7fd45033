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
    /// The directory that holds the shards; default `/manatee`.
    package var directory = ShardPaths.shards
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
    ///   - shard: the shard's name, which is its directory below `directory`.
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
        // Told before anybody waits for a connection.
        let paths = try ShardPaths("\(directory)/\(shard)")
        return try await withClient(at: servers, catchingUp: paths.root) { store in
            try await body(store.shard(paths))
        }
    }

    /// Connects, runs `body` on the whole store, and disconnects.
    ///
    /// - Parameters:
    ///   - servers: the connection string.
    ///   - body: what to do while connected.
    /// - Returns: what `body` returned.
    /// - Throws: `ShardAccessFailure` if no server answers within `patience`, `StoreFailure` if the
    ///   settings cannot be used, and what `body` throws.
    package func withStore<Result: Sendable>(
        at servers: String,
        _ body: @Sendable (any StoreAdministration) async throws -> Result
    ) async throws -> Result {
        try await withClient(at: servers, catchingUp: ShardPaths.shards, body)
    }

    private func withClient<Result: Sendable>(
        at servers: String,
        catchingUp path: String,
        _ body: @Sendable (ZooKeeperStoreAdministration) async throws -> Result
    ) async throws -> Result {
        var settings = StoreSettings(servers: servers)
        settings.credentials = credentials
        settings.encryption = encryption
        var configuration = try settings.configuration()
        configuration.requestWait = patience
        let accessList = settings.accessList
        return try await ZooKeeperClient.withClient(configuration, logger: logger) { client in
            do {
                // Waits for a connection, and lets the server catch up with all that was written.
                try await client.sync(path)
            } catch {
                throw ShardAccessFailure("cannot connect to ZooKeeper at \(servers): \(error)")
            }
            return try await body(
                ZooKeeperStoreAdministration(client: client, accessList: accessList)
            )
        }
    }
}
