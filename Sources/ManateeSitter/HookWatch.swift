import ManateeCore
import ManateePorts

/// Sees in what a peer shows of itself what its hooks are to be told.
struct HookWatch {
    private let shard: String
    /// Whether the peer became primary out of a sync, and has not admitted clients yet.
    private var isTakingOver = false
    /// Whether the peer was deposed, and has no place in the chain yet.
    private var isComingBack = false
    /// The generation in which a switchover was announced to hooks, and has not ended yet.
    private var switchover: Generation?

    init(shard: String) { self.shard = shard }

    /// What a step from `before` to `after` means to hooks, in order.
    mutating func notices(from before: PeerView, to after: PeerView) -> [HookNotice] {
        var events: [HookEvent] = []
        if before.role != after.role {
            events.append(.roleChange)
            isTakingOver = before.role == .sync && after.role == .primary
            switch after.role {
            case .deposed:
                isComingBack = true
                events.append(.deposed)
            case .sync, .async:
                if isComingBack { events.append(.rejoined) }
                isComingBack = false
            case .unknown, .primary, .unassigned:
                break
            }
        }
        if isTakingOver, let opened = after.writesOpen, opened == after.generation {
            isTakingOver = false
            events.append(.takeover)
        }
        let told = events.map { notice($0, before.role, after) }
        guard let outcome = outcome(after) else { return told }
        return told + [endSwitchover(outcome, after)].compactMap(\.self)
    }

    /// A switchover is about to be announced by the peer that shows `view`.
    mutating func beginSwitchover(_ view: PeerView) -> HookNotice {
        switchover = view.generation
        return notice(.beforeSwitchover, view.role, view)
    }

    /// The switchover that was begun has ended; nil if that was told before.
    mutating func endSwitchover(_ outcome: HookNotice.Outcome, _ view: PeerView) -> HookNotice? {
        guard switchover != nil else { return nil }
        switchover = nil
        var notice = notice(.afterSwitchover, view.role, view)
        notice.outcome = outcome
        return notice
    }

    /// How the switchover that was begun has ended; nil if it goes on, or none was begun.
    private func outcome(_ view: PeerView) -> HookNotice.Outcome? {
        guard let switchover, let state = view.state?.state else { return nil }
        if state.generation != switchover { return state.primary.id == view.id ? .undone : .done }
        let goesOn = state.handover != nil || view.pending.contains(.clusterWriteOrWait)
        return goesOn ? nil : .undone
    }

    private func notice(_ event: HookEvent, _ before: PeerRole, _ after: PeerView) -> HookNotice {
        HookNotice(
            event: event,
            peer: after.id,
            shard: shard,
            generation: after.generation,
            roleBefore: before,
            roleAfter: after.role,
            primaryURL: after.state?.state.primary.postgresURL
        )
    }
}
