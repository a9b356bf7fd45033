import Synchronization

/// One shard, as ZooKeeper shows it.
///
/// Nothing comes before the client runs, and nothing more after its run has ended.
public final class Shard: Sendable {
    /// The shard's directory in ZooKeeper, without a slash at its end.
    public let path: String

    private let topologyBoard = Broadcast<Topology>()
    private let statusBoard = Broadcast<FollowStatus>(.starting)
    private let memory = Mutex(TopologyMemory())

    init(path: String) {
        self.path = path
    }

    // MARK: Now

    /// The newest topology that is known; nil before ZooKeeper has answered for the first time.
    public var topology: Topology? { topologyBoard.value }

    /// How good ``topology`` is.
    public var status: FollowStatus { statusBoard.value ?? .starting }

    // MARK: Changes

    /// The topologies, each as soon as it is known; the first one says that the shard is being followed.
    public var topologies: Changes<Topology> { Changes(topologyBoard) { $0 } }

    /// The servers' addresses in order, each time that the list has changed, as Manatee 2's client tells it.
    public var urls: Changes<[String]> { Changes(topologyBoard) { $0.urls } }

    /// The primaries, one for each change of server or generation.
    ///
    /// A shard that has declared none is passed over.
    public var primaries: Changes<Primary> { Changes(topologyBoard) { $0.primary } }

    /// How good ``topology`` is, each time that this has changed: what is wrong is told here.
    public var statuses: Changes<FollowStatus> { Changes(statusBoard) { $0 } }

    // MARK: The primary

    /// The primary, as soon as there is one.
    ///
    /// - Parameter limit: How long to wait; default 30 s.
    /// - Returns: The primary that is known; see ``status`` for how good this knowledge is.
    /// - Throws: ``ManateeClientError`` with the code `noPrimary` or `clientEnded`, or `CancellationError`.
    public func primary(within limit: Duration = .seconds(30)) async throws -> Primary {
        if let primary = topology?.primary { return primary }
        return try await withThrowingTaskGroup(of: Primary?.self) { group in
            group.addTask { await self.primaries.first { _ in true } }
            group.addTask {
                try await Task.sleep(for: limit)
                throw self.noPrimary(after: limit)
            }
            defer { group.cancelAll() }
            guard let primary = try await group.next() ?? nil else {
                try Task.checkCancellation()
                throw ManateeClientError(
                    .clientEnded,
                    "the client of \(path) has ended; keep its run() running"
                )
            }
            return primary
        }
    }

    /// Runs `body` with the primary, and cancels it when another server becomes primary.
    ///
    /// A change of the sync alone, which gives a new token, cancels nothing. Work that was cancelled may
    /// have taken effect: nothing is repeated.
    ///
    /// - Parameters:
    ///   - limit: How long to wait for a primary; default 30 s.
    ///   - body: What to do with it.
    /// - Returns: What `body` returned.
    /// - Throws: ``ManateeClientError`` with the code `noPrimary`, `clientEnded` or `primaryChanged`, and
    ///   what `body` throws.
    public func withPrimary<Value: Sendable>(
        within limit: Duration = .seconds(30),
        _ body: @escaping @Sendable (Primary) async throws -> Value
    ) async throws -> Value {
        let primary = try await primary(within: limit)
        return try await withThrowingTaskGroup(of: Value?.self) { group in
            group.addTask { try await body(primary) }
            group.addTask {
                let other = await self.primaries.first { $0.server.url != primary.server.url }
                guard let other else { return nil }
                throw ManateeClientError(
                    .primaryChanged,
                    "the primary of \(self.path) changed from \(primary.server.url) to "
                        + "\(other.server.url) (generation \(other.token)) meanwhile"
                )
            }
            defer { group.cancelAll() }
            for try await value in group {
                if let value { return value }
            }
            throw CancellationError()
        }
    }

    private func noPrimary(after limit: Duration) -> ManateeClientError {
        let seen: String
        switch status {
        case .starting: seen = "ZooKeeper has not answered"
        case .disconnected(let why): seen = "there is no connection to ZooKeeper: \(why)"
        case .refused(let why), .unreadable(let why): seen = why
        case .following, .wentBack: seen = "the shard has declared none"
        case .ended: seen = "the client has ended"
        }
        return ManateeClientError(
            .noPrimary,
            "no primary of \(path) is known after \(limit): \(seen)"
        )
    }

    // MARK: Following

    /// Takes what was read from ZooKeeper.
    func take(_ reading: TopologyReading) {
        switch memory.withLock({ $0.judge(reading) }) {
        case .follow(let topology):
            topologyBoard.send(topology)
            statusBoard.send(.following)
        case .keep(let status):
            statusBoard.send(status)
        }
    }

    /// The topology stays, and this is how good it is.
    func lose(_ status: FollowStatus) { statusBoard.send(status) }

    func end() {
        statusBoard.send(.ended)
        statusBoard.finish()
        topologyBoard.finish()
    }
}
