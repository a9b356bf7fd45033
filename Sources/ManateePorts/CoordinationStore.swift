package import ManateeCore

/// The shard's directory in the coordination store, as one peer uses it.
///
/// Contract: `events` has one consumer and yields `connected` first. A disconnect is told by
/// `disconnected`, and each return by `connected` with a complete fresh view; in between each change
/// is told in the store's order, with the newest value (intermediate ones may be skipped). Values
/// that cannot be understood are told as `stateUnreadable`, never dropped; `connected` then waits
/// until the state can be understood, because a view has no word for such a state.
package protocol CoordinationStore: Sendable {
    /// What the store says.
    var events: AsyncStream<StoreEvent> { get }

    /// Stands for election and follows the shard until it is cancelled or shut down gracefully; on the
    /// way out it leaves the election and ends the session.
    ///
    /// An expired session is replaced by a new one here, without an end of `run`.
    ///
    /// - Throws: when going on is pointless, such as wrong credentials.
    func run() async throws

    /// Writes `state` and its history entry in one transaction, if the version is `expecting` (nil: if
    /// there is no state).
    func write(_ state: ClusterState, expecting: StateVersion?) async -> WriteOutcome

    /// Reads the state behind everything that this process sent before.
    ///
    /// - Throws: if the store did not answer; then nothing is known.
    func read() async throws(EffectFailure) -> VersionedState?
}

/// What a coordination store tells a peer.
package enum StoreEvent: Equatable, Sendable {
    /// The session is established, and the peer stands for election.
    case connected(StoreView)
    /// No word from the store for now.
    case disconnected
    /// The state changed; nil if it was removed.
    case state(VersionedState?)
    /// The state cannot be understood: what is wrong with it.
    case stateUnreadable(String)
    /// The peers that stand for election changed.
    case activePeers([Peer])
}
