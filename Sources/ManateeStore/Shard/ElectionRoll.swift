import Logging
import ManateeCore
import ManateeWire
import ZooKeeperClient

/// The peers that stand for election, read once for each entry.
struct ElectionRoll: Sendable {
    private enum Entry: Sendable {
        case peer(Peer)
        /// Told in the log once; it does not hide the others.
        case skipped
        /// It lacks room, and asks not to be counted on.
        case short
    }

    let client: ZooKeeperClient
    let paths: ShardPaths
    let logger: Logger
    private var entries: [ElectionName: Entry] = [:]
    private var strangers: Set<String> = []

    init(client: ZooKeeperClient, paths: ShardPaths, logger: Logger) {
        self.client = client
        self.paths = paths
        self.logger = logger
    }

    /// The peers in election order: each once, at the place of its newest entry.
    mutating func peers(of names: [String]) async throws(ZooKeeperError) -> [Peer] {
        var newest: [PeerID: ElectionName] = [:]
        for text in names {
            guard let name = ElectionName(text) else {
                noteStranger(text)
                continue
            }
            if newest[name.id].map({ $0.sequence < name.sequence }) ?? true {
                newest[name.id] = name
            }
        }
        let current = Set(newest.values)
        entries = entries.filter { current.contains($0.key) }
        var peers: [Peer] = []
        for name in current.sorted(by: { $0.sequence < $1.sequence }) {
            if case .peer(let peer)? = try await entry(name) { peers.append(peer) }
        }
        return peers
    }

    /// The entry called `name`; nil if it is gone.
    private mutating func entry(_ name: ElectionName) async throws(ZooKeeperError) -> Entry? {
        if let known = entries[name] { return known }
        let data: [UInt8]
        do {
            data = try await client.get("\(paths.election)/\(name)").data
        } catch {
            // It ended since the names were read; the watch will tell.
            guard error.code == .noNode else { throw error }
            return nil
        }
        let entry: Entry
        do {
            let peer = try ElectionNodeJSON.decode(data, id: name.id)
            if let shortage = ElectionNodeJSON.shortage(of: peer) {
                logger.warning(
                    "A peer lacks room; it is taken for absent",
                    metadata: ["election.entry": "\(name)", "shortage": "\(shortage)"]
                )
                entry = .short
            } else {
                entry = .peer(peer)
            }
        } catch {
            logger.error(
                "An election entry cannot be understood; its peer is taken for absent",
                metadata: ["election.entry": "\(name)", "error": "\(error)"]
            )
            entry = .skipped
        }
        entries[name] = entry
        return entry
    }

    private mutating func noteStranger(_ text: String) {
        guard strangers.insert(text).inserted else { return }
        logger.warning(
            "A node in the election is no entry: its name is not ID-NNNNNNNNNN",
            metadata: ["election.entry": "\(text)"]
        )
    }
}
