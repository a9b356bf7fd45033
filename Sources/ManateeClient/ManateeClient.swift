public import Logging
import Synchronization
public import ZooKeeperClient

/// Follows Manatee's shards: who is primary, who replicates from whom, and when that changes.
///
/// It opens no connection to a database; it says where the databases are. One client is one connection
/// to ZooKeeper, whatever the number of its shards. It lives while ``run()`` does: a lost connection and
/// an expired session are replaced there, and everything is read again each time, so that no change
/// stays unseen. What a reader was told stays valid meanwhile, and ``Shard/status`` says how good it is.
public final class ManateeClient: Sendable {
    /// How ZooKeeper is reached.
    public let configuration: ZooKeeperConfiguration

    private let logger: Logger
    private let roll = ShardRoll()
    private let hasRun = Atomic<Bool>(false)

    /// How long servers may be silent at the beginning before that is told.
    private static let silence = Duration.seconds(1)
    /// The first pause after a session that ended at once; it doubles up to `longestPause`.
    private static let shortestPause = Duration.milliseconds(100)
    private static let longestPause = Duration.seconds(2)

    /// A client that does nothing until ``run()`` is called.
    ///
    /// - Parameters:
    ///   - configuration: The ZooKeeper servers, with credentials and encryption where they want them.
    ///   - logger: Gets losses of the connection and what cannot be understood.
    public init(
        configuration: ZooKeeperConfiguration,
        logger: Logger = Logger(label: "manatee-client")
    ) {
        self.configuration = configuration
        self.logger = logger
    }

    /// The shard at `path`, which is followed from now on while ``run()`` runs.
    ///
    /// The same path gives the same shard. The shard need not exist yet.
    ///
    /// - Parameter path: The shard's directory in ZooKeeper, such as `/manatee/1.moray`; slashes at its end
    ///   do not count.
    /// - Returns: The shard.
    /// - Throws: ``ManateeClientError`` with the code `invalidPath`.
    public func shard(_ path: String) throws(ManateeClientError) -> Shard {
        var trimmed = path[...]
        while trimmed.last == "/" { trimmed.removeLast() }
        guard trimmed.first == "/" else {
            throw ManateeClientError(
                .invalidPath,
                "the shard's path '\(path)' must begin with '/' and name a directory, "
                    + "for example /manatee/1.moray"
            )
        }
        return roll.shard(String(trimmed))
    }

    /// Follows the shards until the task is cancelled; then all of their sequences end.
    ///
    /// - Throws: ``ManateeClientError`` with the code `alreadyRunning`, `invalidConfiguration` or
    ///   `credentialsRefused`. Servers that do not answer are no error: they are tried until they do.
    public func run() async throws(ManateeClientError) {
        guard !hasRun.exchange(true, ordering: .relaxed) else {
            throw ManateeClientError(.alreadyRunning, "a client runs once; make another")
        }
        defer { roll.end() }
        var pause = Self.shortestPause
        while !Task.isCancelled {
            let begun = ContinuousClock.now
            try await runSession()
            // Sessions that end at once, again and again, must not be a load on the store.
            let isBrief = begun.duration(to: .now) < Self.longestPause
            pause = isBrief ? min(pause * 2, Self.longestPause) : Self.shortestPause
            // Fails only if the task is cancelled, and then the loop ends.
            try? await Task.sleep(for: pause)
        }
    }

    /// Runs `body` with a client, and ends the client behind it.
    ///
    /// - Parameters:
    ///   - configuration: The ZooKeeper servers.
    ///   - logger: Gets losses of the connection.
    ///   - body: What to do with the client.
    /// - Returns: What `body` returned.
    /// - Throws: What `body` threw; or, without waiting for it, what ``run()`` threw.
    public static func withClient<Value: Sendable>(
        _ configuration: ZooKeeperConfiguration,
        logger: Logger = Logger(label: "manatee-client"),
        body: @escaping @Sendable (ManateeClient) async throws -> Value
    ) async throws -> Value {
        let client = ManateeClient(configuration: configuration, logger: logger)
        return try await withThrowingTaskGroup(of: Value?.self) { group in
            group.addTask {
                try await client.run()
                return nil
            }
            group.addTask { try await body(client) }
            defer { group.cancelAll() }
            for try await value in group {
                if let value { return value }
            }
            throw CancellationError()
        }
    }

    /// One session from its beginning to its end.
    private func runSession() async throws(ManateeClientError) {
        let client: ZooKeeperClient
        do {
            client = try ZooKeeperClient(configuration: configuration, logger: logger)
        } catch {
            throw ManateeClientError(.invalidConfiguration, "the encryption: \(error)")
        }
        let refusal = await withTaskGroup(of: ManateeClientError?.self) { group in
            group.addTask { await self.keep(client) }
            group.addTask {
                await self.followConnections(of: client)
                return nil
            }
            group.addTask {
                await self.tellSilence(of: client)
                return nil
            }
            var refusal: ManateeClientError?
            for await result in group {
                refusal = refusal ?? result
                // The session is over when its client says so.
                if client.status.state.isTerminal { group.cancelAll() }
            }
            return refusal
        }
        roll.disconnected("the session with ZooKeeper ended")
        if let refusal { throw refusal }
    }

    private func keep(_ client: ZooKeeperClient) async -> ManateeClientError? {
        do {
            try await client.run()
        } catch {
            guard error.code != .authenticationFailed else {
                return ManateeClientError(
                    .credentialsRefused,
                    "ZooKeeper refuses the credentials; correct them, or the servers' users"
                )
            }
            logger.warning("The session ended; another is begun", metadata: ["error": "\(error)"])
        }
        return nil
    }

    /// Follows all shards in each connection of the session, from the beginning each time.
    private func followConnections(of client: ZooKeeperClient) async {
        let states = client.states()
        while await states.first(where: { $0 == .connected }) != nil {
            await withTaskGroup { group in
                group.addTask { await self.followShards(with: client) }
                group.addTask { _ = await states.first { $0 != .connected } }
                await group.next()
                group.cancelAll()
            }
            roll.disconnected(client.status.lastFailure ?? "the connection was lost")
        }
    }

    /// Says so when no server answers, since nothing was connected that could be lost.
    private func tellSilence(of client: ZooKeeperClient) async {
        while client.status.state == .connecting {
            do { try await Task.sleep(for: Self.silence) } catch { return }
            guard client.status.state == .connecting else { return }
            roll.disconnected(client.status.lastFailure ?? "no server has answered yet")
        }
    }

    private func followShards(with client: ZooKeeperClient) async {
        await withDiscardingTaskGroup { group in
            for await shard in roll.shards() {
                group.addTask { [logger] in
                    await ShardFollower(client: client, shard: shard, logger: logger).run()
                }
            }
        }
    }
}
