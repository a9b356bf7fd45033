import Logging
import ZooKeeperClient

/// Follows one shard for as long as one connection lasts, from the beginning.
///
/// Both paths are read and watched at each connection, so that a change that was missed without one
/// does not stay unknown, and again when a read fails. (The original's client gives up a watch in that
/// case, and goes on with what it knew.)
actor ShardFollower {
    private let client: ZooKeeperClient
    private let shard: Shard
    private let logger: Logger

    /// Nil until it was read; then the data, or nil if there is none.
    private var state: [UInt8]??
    private var election: [String]?

    /// The first pause after a request that failed; it doubles up to `longestPause`.
    private static let shortestPause = Duration.milliseconds(100)
    private static let longestPause = Duration.seconds(2)

    init(client: ZooKeeperClient, shard: Shard, logger: Logger) {
        self.client = client
        self.shard = shard
        self.logger = logger
    }

    /// Follows until the task is cancelled, or the session is over.
    func run() async {
        var pause = Self.shortestPause
        while !Task.isCancelled, !client.status.state.isTerminal {
            do {
                try await follow()
            } catch let error as ZooKeeperError where error.code != .cancelled {
                guard !client.status.state.isTerminal, !Task.isCancelled else { return }
                shard.lose(.refused("\(error)"))
                logger.warning(
                    "Following the shard failed; it is begun anew",
                    metadata: ["shard": "\(shard.path)", "error": "\(error)"]
                )
            } catch {
                return
            }
            // Fails only if the task is cancelled, and then the loop ends.
            try? await Task.sleep(for: pause)
            pause = min(pause * 2, Self.longestPause)
        }
    }

    private func follow() async throws {
        (state, election) = (nil, nil)
        // A new session may begin at a server that is behind; an old state must not be told.
        try await client.sync(shard.path)
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { [client, shard] in
                for try await node in client.values(at: shard.path + "/state") {
                    await self.stateRead(node?.data)
                }
            }
            group.addTask { [client, shard] in
                for try await names in client.childNames(of: shard.path + "/election") {
                    await self.electionRead(names ?? [])
                }
            }
            // Neither ends by itself while the session lives: the first end ends both.
            defer { group.cancelAll() }
            try await group.next()
        }
    }

    private func stateRead(_ data: [UInt8]?) {
        state = .some(data)
        tell()
    }

    private func electionRead(_ names: [String]) {
        election = names
        tell()
    }

    private func tell() {
        guard let state, let election else { return }
        let path = shard.path + "/state"
        let reading = TopologyReading(state: state, election: election, path: path)
        if case .unreadable(let detail) = reading {
            logger.error("The cluster state cannot be understood", metadata: ["error": "\(detail)"])
        }
        shard.take(reading)
    }
}
