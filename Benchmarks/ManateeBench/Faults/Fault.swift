/// What happens to a peer.
package enum Fault: String, CaseIterable, Sendable, Codable {
    /// SIGKILL of the primary's postgres.
    case killPostgres = "kill-postgres"
    /// SIGKILL of everything on the primary's node.
    case killNode = "kill-node"
    /// SIGKILL of the primary's daemon alone; it is started again after a second.
    case killSitter = "kill-sitter"
    /// SIGSTOP of everything on the primary's node.
    case freezeNode = "freeze-node"
    /// The primary's node is cut off from all, clients too.
    case partitionNode = "partition-node"
    /// The primary's daemon is stopped in order, and its postgres with it.
    case stopNode = "stop-node"
    /// The planned change of the primary.
    case switchover
    /// SIGKILL of everything on the sync's node.
    case killSync = "kill-sync"
    /// SIGSTOP of everything on the sync's node.
    case freezeSync = "freeze-sync"
    /// The link between primary and sync is cut; both reach the rest.
    case cutLink = "cut-link"
    /// SIGKILL of the store; it is started again at the end of the hold.
    case storeOutage = "store-outage"
    /// SIGKILL of the primary's postgres; three seconds after writes are back, SIGKILL of everything on
    /// the node that is primary then.
    case crashThenNode = "crash-then-node"
    /// What the primary sends to the sync is lost; all else arrives, also what the sync sends.
    case loseToSync = "lose-to-sync"
    /// What the sync sends to the primary is lost; all else arrives, also what the primary sends.
    case loseToPrimary = "lose-to-primary"
    /// The primary alone does not reach the store.
    case hideFromPrimary = "hide-from-primary"
    /// The sync alone does not reach the store.
    case hideFromSync = "hide-from-sync"
    /// Neither primary nor sync reach the store, the rest does.
    case hideFromPair = "hide-from-pair"

    /// Those that are compared if nothing else is asked for: not the partial partitions.
    package static let standard: [Fault] = [
        .killPostgres, .killNode, .killSitter, .freezeNode, .partitionNode, .stopNode, .switchover,
        .killSync, .freezeSync, .cutLink, .storeOutage, .crashThenNode,
    ]

    /// Whether it lasts for a set time, because writes go on meanwhile if the manager is good.
    var isHeld: Bool {
        switch self {
        case .partitionNode, .storeOutage, .hideFromPrimary, .hideFromSync, .hideFromPair: true
        case .killPostgres, .killNode, .killSitter, .freezeNode, .stopNode, .switchover, .killSync,
            .freezeSync, .cutLink, .crashThenNode, .loseToSync, .loseToPrimary:
            false
        }
    }
}
