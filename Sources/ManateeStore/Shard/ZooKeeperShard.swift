package import Logging
package import ManateeCore
package import ManateePorts
import ManateeWire
import ServiceLifecycle
import Synchronization
import ZooKeeperClient

/// One shard's directory in ZooKeeper, as a peer uses it.
///
/// It keeps the layout, names and formats of the original and mends its session handling: everything
/// is read again at each connection, real versions are always used, the removal of the state is
/// told, and the own election entry is verified. The history is never trimmed, as in the original.
///
///     run ── session ── connection ── follower     an expired session is replaced by a new one,
///               │           └─────── follower      a lost connection by the client itself
///               └─── client.run()
package final class ZooKeeperShard: CoordinationStore, ConfigurationSource, ElectionStanding {
    /// What the store says.
    package let events: AsyncStream<StoreEvent>
    /// What all peers are told in common.
    package let configurations: AsyncStream<ConfigurationReading>

    private let settings: StoreSettings
    private let configuration: ZooKeeperConfiguration
    private let paths: ShardPaths
    private let peer: Peer
    private let logger: Logger
    private let continuation: AsyncStream<StoreEvent>.Continuation
    private let configurationSink: AsyncStream<ConfigurationReading>.Continuation
    private let session = Mutex(Session())

    /// The session in use, and what is known over all of them.
    private struct Session {
        var client: ZooKeeperClient?
        /// Whether the consumer was told that the store is there.
        var isTold = false
        /// Whether the peer ever got as far as following the shard.
        var hasFollowed = false
        /// What the peer says of a lack of room, in this session and the next ones.
        var shortage: String?
    }

    /// The first pause after something failed that may work later; it doubles up to `longestPause`.
    private static let shortestPause = Duration.milliseconds(100)
    private static let longestPause = Duration.seconds(2)

    /// The shard at `path`, for `peer` to stand for election in.
    ///
    /// - Parameters:
    ///   - settings: how ZooKeeper is reached.
    ///   - path: the shard's directory, for example `/manatee/1.moray`.
    ///   - peer: what the own election entry tells.
    ///   - logger: gets connections, losses and what cannot be understood.
    /// - Throws: `StoreFailure` if settings or path cannot be used.
    package init(
        settings: StoreSettings,
        path: String,
        peer: Peer,
        logger: Logger
    ) throws(StoreFailure) {
        self.settings = settings
        configuration = try settings.configuration()
        paths = try ShardPaths(path)
        self.peer = peer
        self.logger = logger
        // Not bounded: each event took a round trip to the store, and none may be dropped.
        (events, continuation) = AsyncStream.makeStream(of: StoreEvent.self)
        // The newest word is all that counts.
        (configurations, configurationSink) = AsyncStream.makeStream(
            bufferingPolicy: .bufferingNewest(1)
        )
    }

    // MARK: Following

    /// Stands for election and follows the shard until cancellation or graceful shutdown.
    ///
    /// - Throws: `StoreFailure` if the servers refuse the peer from the start.
    package func run() async throws {
        defer {
            continuation.finish()
            configurationSink.finish()
        }
        try await cancelWhenGracefulShutdown {
            var pause = Self.shortestPause
            while !Task.isCancelled {
                let begun = ContinuousClock.now
                if case .refused(let failure) = try await self.runSession() {
                    guard self.session.withLock({ $0.hasFollowed }) else { throw failure }
                    self.logger.error(
                        "The store refuses this peer; it is tried again",
                        metadata: ["error": "\(failure)"]
                    )
                }
                // Sessions that end at once, again and again, must not be a load on the store.
                let isBrief = begun.duration(to: .now) < Self.longestPause
                pause = isBrief ? min(pause * 2, Self.longestPause) : Self.shortestPause
                await Self.rest(pause)
            }
        }
    }

    private enum SessionEnd {
        case over
        case refused(StoreFailure)
    }

    /// One session from its beginning to its end.
    private func runSession() async throws -> SessionEnd {
        let client: ZooKeeperClient
        do {
            client = try ZooKeeperClient(configuration: configuration, logger: logger)
        } catch {
            throw StoreFailure.settings("encryption: \(error)")
        }
        session.withLock { $0.client = client }
        let end = await withTaskGroup(of: SessionEnd?.self) { group in
            group.addTask { await self.keep(client) }
            group.addTask { await self.followConnections(of: client) }
            var end: SessionEnd?
            for await result in group {
                // The session is over when its client says so, or when following makes no sense.
                end = end ?? result
                if result != nil { group.cancelAll() }
            }
            return end ?? .over
        }
        session.withLock { $0.client = nil }
        tellDisconnected()
        return end
    }

    private func keep(_ client: ZooKeeperClient) async -> SessionEnd {
        do {
            try await client.run()
        } catch {
            if error.code == .authenticationFailed {
                return .refused(.credentialsRefused(servers: settings.servers))
            }
            logger.warning("The session with the store ended", metadata: ["error": "\(error)"])
        }
        return .over
    }

    /// Follows the shard in each connection of the session.
    private func followConnections(of client: ZooKeeperClient) async -> SessionEnd? {
        let states = client.states()
        while await states.first(where: { $0 == .connected }) != nil {
            let end = await withTaskGroup(of: SessionEnd?.self) { group in
                group.addTask { await self.follow(client) }
                group.addTask {
                    _ = await states.first { $0 != .connected }
                    return nil
                }
                defer { group.cancelAll() }
                return await group.next() ?? nil
            }
            tellDisconnected()
            if let end { return end }
        }
        return nil
    }

    /// Follows the shard until the connection is lost, beginning anew when a request fails.
    ///
    /// - Returns: why it makes no sense to go on; nil if the connection is lost.
    private func follow(_ client: ZooKeeperClient) async -> SessionEnd? {
        let candidacy = candidacy(with: client)
        var pause = Self.shortestPause
        while !Task.isCancelled {
            let follower = ShardFollower(
                candidacy: candidacy,
                tell: { self.tell($0) },
                tellConfiguration: { self.configurationSink.yield($0) }
            )
            do {
                try await follower.run()
            } catch let error as ZooKeeperError {
                if let refusal = refusal(error) { return .refused(refusal) }
                guard !Task.isCancelled, !client.status.state.isTerminal else { return nil }
                logger.warning(
                    "Following the shard failed; it is begun anew",
                    metadata: ["error": "\(error)"]
                )
            } catch {
                return nil
            }
            await Self.rest(pause)
            pause = min(pause * 2, Self.longestPause)
        }
        return nil
    }

    private func candidacy(with client: ZooKeeperClient) -> Candidacy {
        Candidacy(
            client: client,
            paths: paths,
            accessList: settings.accessList,
            peer: peer,
            logger: logger,
            shortage: { self.session.withLock(\.shortage) }
        )
    }

    /// Makes the own entry say that there is, or is no longer, a lack of room.
    package func announce(shortage: String?) async throws(EffectFailure) {
        let client = session.withLock { session in
            session.shortage = shortage
            return session.client
        }
        // Without a session the next entry will say it.
        guard let client else { return }
        do {
            try await candidacy(with: client).renew()
        } catch {
            throw EffectFailure("renewing the election entry: \(error)")
        }
    }

    /// What an error means if the peer never could follow the shard; nil if trying again may help.
    private func refusal(_ error: ZooKeeperError) -> StoreFailure? {
        guard !session.withLock({ $0.hasFollowed }) else { return nil }
        switch error.code {
        case .notAuthorized, .invalidACL:
            return .notAllowed(path: error.path ?? paths.root, servers: settings.servers)
        case .invalidPath:
            return .settings("the shard's path or the peer's name: \(error)")
        default:
            return nil
        }
    }

    private static func rest(_ pause: Duration) async {
        // Fails only if the task is cancelled, and then the caller ends.
        try? await Task.sleep(for: pause)
    }

    // MARK: Telling

    private func tell(_ event: StoreEvent) {
        switch event {
        case .connected(let view):
            session.withLock { session in
                session.isTold = true
                session.hasFollowed = true
            }
            logger.info(
                "Connected to the store",
                metadata: [
                    "store.path": "\(paths.root)",
                    "state.version": "\(view.state.map { "\($0.version)" } ?? "none")",
                    "election.peers": "\(view.activePeers.map(\.id.text).joined(separator: " "))",
                ]
            )
        case .stateUnreadable:
            session.withLock { $0.hasFollowed = true }
        case .disconnected, .state, .activePeers:
            break
        }
        continuation.yield(event)
    }

    private func tellDisconnected() {
        let wasTold = session.withLock { session in
            defer { session.isTold = false }
            return session.isTold
        }
        guard wasTold else { return }
        logger.warning("Disconnected from the store", metadata: ["store.path": "\(paths.root)"])
        continuation.yield(.disconnected)
    }

    // MARK: Requests

    /// Writes `state` and its history entry, if the version is `expecting`.
    package func write(
        _ state: ClusterState,
        expecting: StateVersion?
    ) async -> WriteOutcome {
        guard let client = session.withLock({ $0.client }) else {
            return .failed(noSession("writing"))
        }
        let transaction = StateTransaction(
            paths: paths,
            accessList: settings.accessList,
            writer: .peer(state.generation),
            data: ClusterStateJSON.encode(state),
            expecting: expecting
        )
        return switch await transaction.commit(with: client) {
        case .written(let version): .written(version)
        case .conflict: .conflict
        case .refused(let detail): .failed(EffectFailure(detail))
        case .unknown(let detail): .unknown(EffectFailure(detail))
        }
    }

    /// Reads the state behind everything that this process sent before.
    ///
    /// A session that was replaced has expired at the servers, which then refuse what it sent.
    ///
    /// - Throws: if the store did not answer, or the state cannot be understood.
    package func read() async throws(EffectFailure) -> VersionedState? {
        guard let client = session.withLock({ $0.client }) else { throw noSession("reading") }
        let node: NodeData?
        do {
            node = try await client.latest(paths.state)
        } catch {
            throw EffectFailure("reading \(paths.state): \(error)")
        }
        switch StateReading(node) {
        case .absent: return nil
        case .readable(let versioned): return versioned
        case .unreadable(let detail): throw EffectFailure(detail)
        }
    }

    /// Reads the records of the shard's changes, through the session that is there.
    ///
    /// - Throws: if there is no session, or the store did not answer.
    package func history() async throws -> [HistoryEntry] {
        guard let client = session.withLock({ $0.client }) else {
            throw noSession("reading the history beside")
        }
        let administration = ZooKeeperShardAdministration(
            client: client,
            paths: paths,
            accessList: settings.accessList
        )
        return try await administration.historyEntries() ?? []
    }

    private func noSession(_ what: String) -> EffectFailure {
        EffectFailure("\(what) \(paths.state): there is no session with \(settings.servers)")
    }
}
