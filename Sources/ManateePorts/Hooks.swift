package import ManateeCore

/// What an operator's command can be run at.
package enum HookEvent: String, CaseIterable, Sendable {
    /// The peer's role is another one.
    case roleChange
    /// The peer, a sync before, is primary and admits clients.
    case takeover
    /// The peer, the primary, is about to stop for its sync; its answer is waited for.
    case beforeSwitchover
    /// What `beforeSwitchover` announced has come to its end, told by the same peer.
    case afterSwitchover
    /// The peer is deposed.
    case deposed
    /// The peer was deposed, and has its place in the chain again.
    case rejoined
}

/// What a hook is told.
package struct HookNotice: Equatable, Sendable {
    /// How a switchover ended.
    package enum Outcome: String, Sendable {
        /// Another peer is primary.
        case done
        /// The primary stays what it is.
        case undone
        /// The hook `beforeSwitchover` did not allow it.
        case refused
    }

    /// What happened.
    package var event: HookEvent
    /// The peer that tells it.
    package var peer: PeerID
    /// The shard's name.
    package var shard: String
    /// The generation of the state that the peer follows; nil if it follows none.
    package var generation: Generation?
    /// The peer's role before; the same as `roleAfter` if it did not change.
    package var roleBefore: PeerRole
    /// The peer's role now.
    package var roleAfter: PeerRole
    /// The URL of the primary's postgres; nil if none is known.
    package var primaryURL: String?
    /// With `afterSwitchover`: how it ended.
    package var outcome: Outcome?

    /// A notice of these facts.
    package init(
        event: HookEvent,
        peer: PeerID,
        shard: String,
        generation: Generation?,
        roleBefore: PeerRole,
        roleAfter: PeerRole,
        primaryURL: String?,
        outcome: Outcome? = nil
    ) {
        self.event = event
        self.peer = peer
        self.shard = shard
        self.generation = generation
        self.roleBefore = roleBefore
        self.roleAfter = roleAfter
        self.primaryURL = primaryURL
        self.outcome = outcome
    }
}

/// How a hook ended.
package struct HookResult: Equatable, Sendable {
    /// The ways in which one ends.
    package enum End: Equatable, Sendable {
        /// With this exit status; 128 and the signal's number if a signal ended it.
        case exited(Int32)
        /// It was killed, with its group: it took longer than this.
        case timedOut(Duration)
        /// It was killed, with its group: it wrote more than this many bytes.
        case tooMuchOutput(Int)
        /// It was killed, with its group, because the sitter ends.
        case cancelled
        /// It could not be started; why.
        case notStarted(String)
    }

    /// How it ended.
    package var end: End
    /// The end of what it wrote, bounded.
    package var output: String

    /// A result of these facts.
    package init(_ end: End, output: String = "") {
        self.end = end
        self.output = output
    }
}

/// Runs the commands that an operator configured.
///
/// Contract: a call returns soon after the command's time limit at the latest, or after the task is
/// cancelled; nothing of a command that was killed is left.
package protocol HookRunner: Sendable {
    /// Runs the command for the notice's event; nil if there is none.
    func run(_ notice: HookNotice) async -> HookResult?
}
