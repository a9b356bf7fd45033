import ManateeCore
import ManateeWire

/// Where the things of one shard are kept, as the original keeps them.
struct ShardPaths: Equatable, Sendable {
    /// The directory above the shards that the operator's tool knows.
    static let shards = "/manatee"

    /// The shard's directory, without a slash at its end.
    let root: String

    /// The paths of the shard at `root`; slashes at its end do not count.
    ///
    /// - Throws: `StoreFailure` if it is no absolute path, or the store's own root.
    init(_ root: String) throws(StoreFailure) {
        var trimmed = root[...]
        while trimmed.last == "/" { trimmed.removeLast() }
        guard trimmed.first == "/" else {
            throw .settings(
                "the shard's path '\(root)' must begin with '/' and name a directory, "
                    + "for example \(Self.shards)/1.moray"
            )
        }
        self.root = String(trimmed)
    }

    /// The paths of the shard that the operator's tool knows as `shard`.
    init(shard: String) throws(StoreFailure) { try self.init("\(Self.shards)/\(shard)") }

    var state: String { "\(root)/state" }
    var election: String { "\(root)/election" }
    var history: String { "\(root)/history" }
    /// What all peers are told in common; unknown to the original.
    var configuration: String { "\(root)/config" }
    /// Where a sitter of Manatee 1 leaves an error that it cannot repair.
    var version1Error: String { "\(root)/error" }

    func electionPrefix(for id: PeerID) -> String {
        "\(election)/\(ElectionName.prefix(for: id))"
    }

    func historyPrefix(for generation: Generation) -> String {
        "\(history)/\(HistoryName.prefix(for: generation))"
    }

    var operatorHistoryPrefix: String { "\(history)/\(HistoryName.operatorPrefix)" }
}
