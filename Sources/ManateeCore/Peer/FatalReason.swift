/// Why a sitter must end instead of trying again.
package enum FatalReason: Hashable, Sendable, CustomStringConvertible {
    /// The data directory holds the database of another cluster.
    case foreignDatabase(detail: String)
    /// Configured for one-node-write mode, but the cluster is in normal mode (rule R12).
    case singletonInNormalCluster
    /// The state says that this peer is primary, but there is no database on its disk. Ending lets
    /// the sync, which has it, take over (rule S7).
    case databaseLost(Generation)

    /// What is wrong and what to do.
    package var description: String {
        switch self {
        case .foreignDatabase(let detail):
            detail
        case .singletonInNormalCluster:
            """
            this peer is configured for one-node-write mode, but the cluster is in normal mode; \
            remove oneNodeWriteMode from the configuration
            """
        case .databaseLost(let generation):
            """
            this peer is primary of generation \(generation), but its data directory is empty; \
            an empty database must not replace the shard's, so this peer leaves to let the sync take \
            over; restart it once it is deposed, and it will copy the database
            """
        }
    }
}
