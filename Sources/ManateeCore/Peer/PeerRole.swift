/// What a peer is in the cluster, as it knows itself.
package enum PeerRole: String, Sendable, CaseIterable {
    /// Not determined yet: store or postgres has not spoken.
    case unknown
    /// Acknowledges writes.
    case primary
    /// Holds every acknowledged write and takes over.
    case sync
    /// Replicates behind the sync or another async.
    case async
    /// Has no place in the chain.
    case unassigned
    /// A former primary that must be reconciled.
    case deposed
}
