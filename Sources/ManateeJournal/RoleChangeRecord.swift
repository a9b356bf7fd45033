package import ManateeCore

/// One change of this peer's role, phase by phase, without a gap.
package struct RoleChangeRecord: Equatable, Sendable {
    /// What sort of change it was.
    package enum Kind: String, Sendable, CaseIterable {
        /// The first generation of a shard.
        case setup
        /// The sync took the place of a primary that was gone.
        case takeover
        /// The sync took the place of the primary because an operator asked for it.
        case handover
        /// The primary took another sync.
        case newSync
        /// The peer took a place as standby.
        case follow
    }

    /// A stretch of time that one phase took.
    package struct Segment: Equatable, Sendable {
        /// What the time was spent on.
        package var phase: FailoverPhase
        /// How long it took.
        package var duration: Duration

        /// `duration` spent on `phase`.
        package init(_ phase: FailoverPhase, _ duration: Duration) {
            self.phase = phase
            self.duration = duration
        }
    }

    /// A sign, and how long after the beginning of the record it was noticed.
    package struct Sign: Equatable, Sendable {
        /// What was noticed.
        package var cause: DetectionCause
        /// How long after the first sign.
        package var after: Duration

        /// `cause`, `after` the first sign.
        package init(_ cause: DetectionCause, after: Duration) {
            self.cause = cause
            self.after = after
        }
    }

    /// What sort of change it was.
    package var kind: Kind
    /// The role that the peer took.
    package var role: PeerRole
    /// The generation in which it took it.
    package var generation: Generation
    /// When the first sign was noticed.
    package var began: WallTime
    /// What was noticed, first sign first.
    package var signs: [Sign]
    /// What the time was spent on, in order; a phase may come twice.
    package var segments: [Segment]
    /// What stood in the way on the way, in the words of the reasons.
    package var obstacles: [String]

    /// A record of these facts.
    package init(
        kind: Kind,
        role: PeerRole,
        generation: Generation,
        began: WallTime,
        signs: [Sign] = [],
        segments: [Segment],
        obstacles: [String] = []
    ) {
        self.kind = kind
        self.role = role
        self.generation = generation
        self.began = began
        self.signs = signs
        self.segments = segments
        self.obstacles = obstacles
    }

    /// The time from the first sign to the end: the sum of all phases.
    package var whole: Duration { segments.reduce(.zero) { $0 + $1.duration } }

    /// All that was spent on `phase`; zero if the change did not need it.
    package func total(of phase: FailoverPhase) -> Duration {
        segments.reduce(.zero) { $1.phase == phase ? $0 + $1.duration : $0 }
    }
}
