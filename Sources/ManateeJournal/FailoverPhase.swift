/// What a change of roles spends its time on, in the order in which it begins.
package enum FailoverPhase: String, Sendable, CaseIterable {
    /// From the first sign of a failure, or the last sign of life, until the peer may act on it.
    case detect
    /// Choosing, waiting for what is refused, and writing the declaration.
    case decide
    /// Making sure that nobody acknowledges under the old generation.
    case fence
    /// Bringing the own postgres to being primary.
    case promote
    /// Waiting until the standby streams; for a standby, becoming one.
    case attach
    /// Admitting clients.
    case open
}

/// A sign that roles have to change: an open set, because what can be noticed grows.
package struct DetectionCause: Hashable, Sendable, CustomStringConvertible {
    /// What was noticed, as it follows "because".
    package var description: String

    /// The cause that reads `description`.
    package init(_ description: String) {
        self.description = description
    }

    /// The primary does not stand for election any more.
    package static let primaryLeft = DetectionCause("the primary left the election")
    /// The sync does not stand for election any more.
    package static let syncLeft = DetectionCause("the sync left the election")
    /// The stream of beats from the peer broke off.
    package static let streamLost = DetectionCause("its stream of beats broke off")
    /// The ports of the peer's sitter and postgres refuse; dated back to the last answer of either, if the
    /// stream of beats had broken off before.
    package static let refused = DetectionCause("its ports refuse")
    /// The peer gives no sign of life; dated back to the last one, which the end of its stream is, too.
    package static let silence = DetectionCause("it gave no sign of life any more")
    /// The peer says itself that its postgres is gone, or restarts.
    package static let ownWord = DetectionCause("it said that its postgres does not serve")
    /// All that a later sign of life takes back.
    static let ofCounterpart: [DetectionCause] = [streamLost, refused, silence, ownWord]
    /// An operator's request appeared in the cluster state.
    package static let request = DetectionCause("an operator asked for it")
}
