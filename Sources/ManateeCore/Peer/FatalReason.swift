/// Why a sitter must end instead of trying again.
package enum FatalReason: Equatable, Sendable, CustomStringConvertible {
    /// The data directory holds the database of another cluster.
    case foreignDatabase(detail: String)
    /// Configured for one-node-write mode, but the cluster is in normal mode (rule R12).
    case singletonInNormalCluster

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
        }
    }
}
