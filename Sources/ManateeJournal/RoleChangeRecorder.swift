package import ManateeCore

/// Turns the steps of a peer machine into one record per change of its role.
///
/// It is a value without a clock. At every moment of a change exactly one phase is the present one, so
/// the phases of a record add up to the whole.
package struct RoleChangeRecorder: Sendable {
    /// How long a sign counts if nothing follows from it.
    static let signLifetime = Duration.seconds(60)
    /// How many signs, and how many obstacles, a record keeps; later ones are dropped.
    static let kept = 8

    private var signs: [(cause: DetectionCause, at: Moment)] = []
    private var counterpart = CounterpartWatch()
    private var change: OpenChange?

    /// A recorder that has seen nothing.
    package init() {}

    /// Notes a sign that roles may have to change, which may be dated back.
    ///
    /// It begins a record only if the machine then decides, or refuses, to act on it.
    package mutating func noticed(_ cause: DetectionCause, at moment: Moment) {
        forgetOldSigns(at: moment)
        guard change == nil || change?.kind == .follow, signs.count < Self.kept,
            !signs.contains(where: { $0.cause == cause })
        else { return }
        signs.append((cause, moment))
    }

    /// Forgets a sign that turned out to mean nothing.
    package mutating func dismissed(_ cause: DetectionCause) {
        signs.removeAll { $0.cause == cause }
    }

    /// Notes that the standby of the primary of `generation` streams.
    package mutating func attached(in generation: Generation, at moment: Moment) {
        guard let role = change?.declared, role.generation == generation else { return }
        change?.enter(.open, at: moment)
    }

    /// Follows the machine by one step.
    ///
    /// - Returns: the record of the change that this step completed, if it did.
    package mutating func observe(_ step: PeerStep) -> RoleChangeRecord? {
        noticeSigns(of: step)
        leaveOvertaken(step)
        for reason in step.reasons { hear(reason, in: step) }
        follow(step)
        advance(step)
        return complete(step)
    }

    // MARK: Signs

    private mutating func noticeSigns(of step: PeerStep) {
        switch counterpart.find(in: step) {
        case .sign(let cause, let moment): noticed(cause, at: moment)
        case .alive: for cause in DetectionCause.ofCounterpart { dismissed(cause) }
        case nil: break
        }
        let (before, after) = (step.before, step.after)
        if let state = after.state?.state, before.role == after.role {
            if after.role == .sync, Self.left(state.primary, before, after) {
                noticed(.primaryLeft, at: step.moment)
            }
            if after.role == .primary, let sync = state.sync, Self.left(sync, before, after) {
                noticed(.syncLeft, at: step.moment)
            }
        }
        if let asked = after.state?.state.promote, asked != before.state?.state.promote {
            noticed(.request, at: step.moment)
        }
    }

    private static func left(_ peer: Peer, _ before: PeerView, _ after: PeerView) -> Bool {
        before.activePeers.contains(peer) && !after.activePeers.contains(peer)
    }

    private mutating func forgetOldSigns(at moment: Moment) {
        signs.removeAll { $0.at.instant.duration(to: moment.instant) > Self.signLifetime }
    }

    // MARK: Changes

    private mutating func hear(_ reason: Reason, in step: PeerStep) {
        let begun = RoleChangeRecord.Kind(begunBy: reason)
        let refused = RoleChangeRecord.Kind(refusedBy: reason)
        guard let kind = begun ?? refused else { return }
        // A standby that has to take over before it follows is not on its way to follow any more.
        if change?.kind == .follow { change = nil }
        if change == nil { open(kind, phase: .decide, at: step.moment) }
        guard change?.declared == nil else { return }
        change?.kind = kind
        change?.enter(.decide, at: step.moment)
        if begun == nil { change?.note(obstacle: reason.description) }
    }

    private mutating func open(
        _ kind: RoleChangeRecord.Kind,
        phase: FailoverPhase,
        at moment: Moment
    ) {
        forgetOldSigns(at: moment)
        signs.sort { $0.at.instant < $1.at.instant }
        change = OpenChange(kind: kind, signs: signs, phase: phase, at: moment)
        signs = []
    }

    /// Drops a change that does not come about: what called for it is over.
    private mutating func leaveOvertaken(_ step: PeerStep) {
        guard let change else { return }
        let view = step.after
        if let declared = change.declared {
            if view.role != declared.role || view.generation != declared.generation {
                self.change = nil
            }
            return
        }
        if view.role == .primary, step.before.generation != view.generation { return }
        guard view.role == step.before.role, let state = view.state?.state else {
            if view.role != step.before.role { self.change = nil }
            return
        }
        let isOver =
            switch change.kind {
            case .takeover: !counterpart.isMissed && view.activePeers.contains(state.primary)
            case .newSync:
                state.promote == nil && !counterpart.isMissed
                    && state.sync.map { view.activePeers.contains($0) } ?? false
            case .handover: state.promote == nil
            case .setup, .follow: false
            }
        if isOver, view.pending.allSatisfy({ $0 != .clusterWriteOrWait }) { self.change = nil }
    }

    /// Begins, or goes on with, a change when the peer took a new place.
    private mutating func follow(_ step: PeerStep) {
        let (before, after) = (step.before, step.after)
        guard let generation = after.generation else { return }
        if after.role == .primary, before.generation != generation, change?.declared == nil {
            change?.declared = (after.role, generation)
            return
        }
        guard after.role != before.role, before.role != .unknown else { return }
        switch after.role {
        case .sync, .async, .deposed:
            guard step.configures || after.pending.contains(.postgresTransition) else { return }
            open(.follow, phase: .attach, at: step.moment)
            change?.declared = (after.role, generation)
        case .unknown, .primary, .unassigned:
            break
        }
    }

    private mutating func advance(_ step: PeerStep) {
        if step.stopsAcknowledgements { change?.enter(.fence, at: step.moment) }
        if case .acknowledgementsStopped = step.event, change?.declared == nil {
            change?.enter(.decide, at: step.moment)
        }
        guard let declared = change?.declared, declared.role == .primary else { return }
        if step.configures { change?.enter(.promote, at: step.moment) }
        if case .postgresConfigured(_, .success) = step.event, change?.phase == .promote,
            !step.configures
        {
            change?.enter(.attach, at: step.moment)
        }
    }

    private mutating func complete(_ step: PeerStep) -> RoleChangeRecord? {
        guard let change, let declared = change.declared else { return nil }
        if declared.role == .primary {
            guard case .writesOpened(declared.generation) = step.event else { return nil }
        } else {
            guard case .postgresConfigured(_, .success) = step.event else { return nil }
        }
        self.change = nil
        return change.record(of: declared, at: step.moment)
    }
}

/// A change that is under way.
private struct OpenChange {
    var kind: RoleChangeRecord.Kind
    /// What the peer became, once that is declared.
    var declared: (role: PeerRole, generation: Generation)?
    private(set) var phase: FailoverPhase
    private var since: Instant
    private let began: Moment
    private let signs: [RoleChangeRecord.Sign]
    private var segments: [RoleChangeRecord.Segment] = []
    private var obstacles: [String] = []

    init(
        kind: RoleChangeRecord.Kind,
        signs: [(cause: DetectionCause, at: Moment)],
        phase: FailoverPhase,
        at moment: Moment
    ) {
        self.kind = kind
        self.phase = phase
        since = moment.instant
        let began = signs.first?.at ?? moment
        self.began = began
        self.signs = signs.map { .init($0.cause, after: began.instant.duration(to: $0.at.instant)) }
        if began.instant < moment.instant {
            segments = [.init(.detect, began.instant.duration(to: moment.instant))]
        }
    }

    /// Everything from `moment` on is spent on `next`.
    mutating func enter(_ next: FailoverPhase, at moment: Moment) {
        guard next != phase else { return }
        close(at: moment)
        phase = next
    }

    mutating func note(obstacle: String) {
        guard obstacles.count < RoleChangeRecorder.kept, obstacles.last != obstacle else { return }
        obstacles.append(obstacle)
    }

    private mutating func close(at moment: Moment) {
        let duration = since.duration(to: moment.instant)
        since = moment.instant
        guard duration > .zero else { return }
        if segments.last?.phase == phase {
            segments[segments.count - 1].duration += duration
        } else {
            segments.append(.init(phase, duration))
        }
    }

    func record(
        of declared: (role: PeerRole, generation: Generation),
        at moment: Moment
    ) -> RoleChangeRecord {
        var ended = self
        ended.close(at: moment)
        return RoleChangeRecord(
            kind: kind,
            role: declared.role,
            generation: declared.generation,
            began: began.wall,
            signs: signs,
            segments: ended.segments,
            obstacles: obstacles
        )
    }
}
