import ManateeCore

/// Follows the one peer whose loss this peer would have to make up for: the primary for the sync, the
/// sync for the primary.
///
/// As with the evidence, a peer counts from its first beat on.
struct CounterpartWatch: Sendable {
    /// What a step tells of that peer.
    enum Finding: Equatable {
        /// Something is wrong with it, since then.
        case sign(DetectionCause, Moment)
        /// It serves, or answers: whatever was held against it meant nothing.
        case alive
    }

    private var lastSign: (peer: PeerID, at: Moment)?
    /// When it answered to the last attempt to reach it; nil if it was seen otherwise since.
    private var lastAnswer: Moment?
    /// Whether something is held against it.
    private(set) var isMissed = false

    /// What `step` tells; nil if nothing.
    mutating func find(in step: PeerStep) -> Finding? {
        guard let peer = Self.counterpart(of: step.before) else {
            self = Self()
            return nil
        }
        if let known = lastSign?.peer, known != peer { self = Self() }
        let finding = judge(step, of: peer)
        switch finding {
        case .sign: isMissed = true
        case .alive: isMissed = false
        case nil: break
        }
        return finding
    }

    private mutating func judge(_ step: PeerStep, of peer: PeerID) -> Finding? {
        if case .observed(peer, let seen) = step.event {
            return judge(seen, of: peer, at: step.moment)
        }
        guard step.reasons.contains(where: { $0.isSilence(of: peer) }), let lastSign else {
            return nil
        }
        return .sign(.silence, lastSign.at)
    }

    private mutating func judge(
        _ seen: Observation,
        of peer: PeerID,
        at moment: Moment
    ) -> Finding? {
        if case .beat(let word) = seen {
            lastSign = (peer, moment)
            lastAnswer = nil
            switch word.postgres {
            case .ended, .restarting: return .sign(.ownWord, moment)
            case .serving: return .alive
            case .changing: return nil
            }
        }
        guard let silentSince = lastSign?.at else { return nil }
        switch seen {
        case .beat:
            return nil
        case .streamLost:
            // Its host closed it: it was there until now, whatever stays silent from now on.
            lastSign = (peer, moment)
            lastAnswer = nil
            return .sign(.streamLost, moment)
        case .knocked(.answered, _), .knocked(_, .answered):
            lastSign = (peer, moment)
            lastAnswer = moment
            return .alive
        case .knocked(.refused, .refused):
            // It ended somewhere between the two attempts; the record must not begin after that.
            return .sign(.refused, lastAnswer ?? moment)
        case .knocked(.silent, _), .knocked(_, .silent):
            return .sign(.silence, silentSince)
        }
    }

    private static func counterpart(of view: PeerView) -> PeerID? {
        switch view.role {
        case .sync: view.state?.state.primary.id
        case .primary: view.state?.state.sync?.id
        case .async, .deposed, .unassigned, .unknown: nil
        }
    }
}

extension Reason {
    /// Whether it tells that the place of `peer` is taken because nothing is heard of it.
    fileprivate func isSilence(of peer: PeerID) -> Bool {
        switch self {
        case .takingOver(peer, .evidence(.suspected(.silent)), _),
            .replacingSync(peer, .evidence(.suspected(.silent)), _):
            true
        default:
            false
        }
    }
}
