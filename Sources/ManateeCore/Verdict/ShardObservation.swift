/// What can be seen of a shard from outside at one moment.
package struct ShardObservation: Equatable, Sendable {
    /// What one peer's postgres and sitter say.
    package struct PeerStatus: Equatable, Sendable {
        /// Whether a server process accepts connections.
        package var isRunning: Bool
        /// Whether it is a standby.
        package var isInRecovery: Bool
        /// Whether clients are admitted.
        package var admitsClients: Bool
        /// Whether its copy is complete.
        package var hasCompleteCopy: Bool
        /// The end of its flushed log; nil without a database, or if it is not known.
        package var log: WALSample?
        /// The standbys that stream from it.
        package var standbys: [PeerID]
        /// The newest state that its sitter remembers; nil if none, or not known.
        package var remembered: VersionedState?

        /// A peer of which this is known.
        package init(
            isRunning: Bool,
            isInRecovery: Bool,
            admitsClients: Bool,
            hasCompleteCopy: Bool,
            log: WALSample?,
            standbys: [PeerID],
            remembered: VersionedState?
        ) {
            self.isRunning = isRunning
            self.isInRecovery = isInRecovery
            self.admitsClients = admitsClients
            self.hasCompleteCopy = hasCompleteCopy
            self.log = log
            self.standbys = standbys
            self.remembered = remembered
        }
    }

    /// The cluster state in the store; nil if there is none.
    package var state: VersionedState?
    /// The peers that stand for election, in election order.
    package var present: [PeerID]
    /// The peers that answered, by identity.
    package var peers: [PeerID: PeerStatus]

    /// A shard of which this is known.
    package init(state: VersionedState?, present: [PeerID], peers: [PeerID: PeerStatus]) {
        self.state = state
        self.present = present
        self.peers = peers
    }
}
