/// What a peer keeps on its own disk, so that a store that is away or went back cannot mislead it.
package struct PeerMemory: Hashable, Sendable {
    /// The newest cluster state that this peer acted on; nil before the first.
    package var adopted: VersionedState?
    /// A state that this peer was about to write: whether it took effect may be unknown.
    package var proposed: ClusterState?
    /// The database that this peer held; nil before there was one.
    package var systemIdentifier: SystemIdentifier?

    /// A memory of these things.
    package init(
        adopted: VersionedState? = nil,
        proposed: ClusterState? = nil,
        systemIdentifier: SystemIdentifier? = nil
    ) {
        self.adopted = adopted
        self.proposed = proposed
        self.systemIdentifier = systemIdentifier
    }
}
