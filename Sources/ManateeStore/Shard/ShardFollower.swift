import Logging
import ManateeCore
import ManateePorts
import ManateeWire
import ZooKeeperClient

/// Follows one shard for as long as one connection lasts: a complete view, then each change.
///
/// It begins with nothing known and reads everything, so that no change that was missed while there
/// was no connection stays unknown. `connected` is told once state and election are known and the
/// state can be understood.
actor ShardFollower {
    private let client: ZooKeeperClient
    private let paths: ShardPaths
    private let candidacy: Candidacy
    private let tell: @Sendable (StoreEvent) -> Void
    private let tellConfiguration: @Sendable (ConfigurationReading) -> Void
    private let logger: Logger

    /// The pause before a configuration that could not be watched is watched again.
    private static let configurationPause = Duration.seconds(2)

    private var roll: ElectionRoll
    private var ownEntry: ElectionName?
    private var state: StateReading?
    private var stateWritten: Zxid?
    private var activePeers: [Peer]?
    private var hasConnected = false

    init(
        candidacy: Candidacy,
        tell: @escaping @Sendable (StoreEvent) -> Void,
        tellConfiguration: @escaping @Sendable (ConfigurationReading) -> Void
    ) {
        client = candidacy.client
        paths = candidacy.paths
        logger = candidacy.logger
        self.candidacy = candidacy
        self.tell = tell
        self.tellConfiguration = tellConfiguration
        roll = ElectionRoll(client: client, paths: paths, logger: logger)
    }

    /// Follows the shard until the task is cancelled or a request fails.
    func run() async throws {
        // A new session may begin at a server that is behind; an old state must not be told.
        try await client.sync(paths.root)
        ownEntry = try await candidacy.stand()
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { [client, paths] in
                for try await node in client.values(at: paths.state) {
                    await self.stateRead(node)
                }
            }
            group.addTask { [client, paths] in
                for try await names in client.childNames(of: paths.election) {
                    try await self.electionRead(names ?? [])
                }
            }
            group.addTask { await self.followConfiguration() }
            // None ends by itself while the session lives: the first end ends both.
            defer { group.cancelAll() }
            try await group.next()
        }
    }

    /// Tells what the configuration is; whatever is wrong with it concerns nothing else here.
    private func followConfiguration() async {
        let path = paths.configuration
        while !Task.isCancelled {
            do {
                for try await node in client.values(at: path) {
                    tellConfiguration(ConfigurationReading(node, at: path))
                }
            } catch {
                guard !Task.isCancelled else { return }
                tellConfiguration(.unreadable(path: path, "\(error)"))
            }
            // Fails only by cancellation, which ends the loop.
            try? await Task.sleep(for: Self.configurationPause)
        }
    }

    private func stateRead(_ node: NodeData?) {
        guard state == nil || stateWritten != node?.stat.modified else { return }
        let reading = StateReading(node)
        state = reading
        stateWritten = node?.stat.modified
        if case .unreadable(let detail) = reading {
            logger.error("The cluster state cannot be understood", metadata: ["error": "\(detail)"])
            return tell(.stateUnreadable(detail))
        }
        guard hasConnected else { return connectIfComplete() }
        switch reading {
        case .absent: tell(.state(nil))
        case .readable(let versioned): tell(.state(versioned))
        case .unreadable: break
        }
    }

    private func electionRead(_ names: [String]) async throws(ZooKeeperError) {
        if let ownEntry, !names.contains(ownEntry.description) {
            logger.warning(
                "The own election entry was removed by somebody; it is made anew",
                metadata: ["election.entry": "\(ownEntry)"]
            )
            self.ownEntry = try await candidacy.stand()
            // The new entry changes the election, so that it is read again.
            return
        }
        // Nothing is overtaken meanwhile: one task calls this method, each time after the last.
        var roll = self.roll
        let peers = try await roll.peers(of: names)
        self.roll = roll
        guard activePeers?.map(\.id) != peers.map(\.id) else { return }
        activePeers = peers
        if hasConnected { tell(.activePeers(peers)) } else { connectIfComplete() }
    }

    private func connectIfComplete() {
        guard let activePeers, let state else { return }
        switch state {
        case .unreadable: return
        case .absent: tell(.connected(StoreView(state: nil, activePeers: activePeers)))
        case .readable(let versioned):
            tell(.connected(StoreView(state: versioned, activePeers: activePeers)))
        }
        hasConnected = true
    }
}

extension ConfigurationReading {
    fileprivate init(_ node: NodeData?, at path: String) {
        guard let node else {
            self = .absent(path: path)
            return
        }
        do {
            self = .readable(try ClusterConfigurationJSON.decode(node.data))
        } catch {
            self = .unreadable(path: path, error.description)
        }
    }
}
