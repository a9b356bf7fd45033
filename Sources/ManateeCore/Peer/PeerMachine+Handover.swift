/// The planned change of primary (rules R80 to R88): the primary stops, then the sync declares itself.
///
/// Two things make it safe and leave nobody deposed. The sync declares only in place of a state that says
/// where the primary's log ends, and only with everything up to there. And a primary that may have
/// written that runs as primary again only after a state without it was followed: by then the sync's
/// declaration can only conflict.
extension PeerMachine {
    /// How far this process has come as primary that gives its place up.
    enum HandoverStage: Hashable {
        /// It has no part in a handover. Valid transitions: `.underWay`.
        case none
        /// It goes on until the timer ends. Valid transitions: `.none`, `.failed`.
        case underWay(PeerTimer)
        /// It is to be taken back. Valid transitions: `.none`.
        case failed(Reason.Abandonment)
    }

    /// Whether postgres is on its way to a stop that no state tells of yet, and is to be left alone.
    var isStoppingForSync: Bool {
        guard case .underWay = handoverStage, let state = followed?.state else { return false }
        return state.standingHandover != nil && state.finalPosition == nil
    }

    // MARK: Announcing

    /// Prepares to hand over to the sync, if everything that can be known beforehand allows it.
    mutating func beginHandover(_ request: PromoteRequest, in base: VersionedState) {
        if let freeze = base.state.freeze {
            clear(.request)
            return report(.frozen(.announceHandover, freeze))
        }
        guard let sync = base.state.sync, isPresent(sync) else { return }
        guard case .applied(wish) = postgres else {
            return report(.postgresNotReady(.announceHandover))
        }
        guard writesOpen == base.state.generation else {
            return report(.writesNotOpen(.announceHandover))
        }
        report(.preparingHandover(to: sync.id))
        let attempt = nextAttempt()
        change = .preparing(attempt, base)
        actions.append(.prepareHandover(attempt, to: sync))
    }

    /// Announces the handover once it is prepared.
    mutating func handoverPrepared(_ attempt: Attempt, _ failure: PostgresFailure?) {
        abandonIfOvertaken()
        guard case .preparing(attempt, let base) = change, let sync = base.state.sync,
            case .success(let request)? = pendingRequest(in: base)
        else { return }
        if let failure { return backOff(.handoverNotPrepared(to: sync.id, failure)) }
        let limit = moment.wall.advanced(by: configuration.handoverLimit)
        var new = base.state
        new.promote = nil
        new.handover = Handover(
            from: configuration.peer.id,
            to: sync.id,
            generation: base.state.generation,
            expireTime: min(request.expireTime, limit)
        )
        write(Proposal(intent: .announceHandover, base: base, state: new))
    }

    // MARK: Carrying out

    /// From here on the handover is this process's to bring to its end, or to take back in time.
    ///
    /// However the clock on the wall jumps, it takes no longer than the limit.
    mutating func beginHandoverLimit() {
        guard let handover = followed?.state.standingHandover else { return }
        let remaining = max(.zero, moment.wall.duration(to: handover.expireTime))
        handoverStage = .underWay(
            startTimer(.handover, min(remaining, configuration.handoverLimit))
        )
    }

    /// Goes on with the handover that the state carries, or takes it back.
    mutating func pursueHandover(_ followed: VersionedState) {
        guard let handover = followed.state.standingHandover else {
            return undoHandover(in: followed, .leftBehind)
        }
        if handoverStage == .none, handover.final != nil {
            beginHandoverLimit()
            failHandoverIfHindered()
        }
        switch handoverStage {
        case .none: undoHandover(in: followed, .leftBehind)
        case .failed(let cause): undoHandover(in: followed, cause)
        case .underWay:
            if handover.final == nil { carryOut(handover, in: followed) }
        }
    }

    /// Stops postgres, and then tells where its log ends.
    private mutating func carryOut(_ handover: Handover, in followed: VersionedState) {
        guard let sync = followed.state.sync else { return }
        switch postgres {
        case .ended(let end):
            report(.handingOver(to: handover.to, at: end))
            var new = followed.state
            new.handover?.final = end
            propose(Proposal(intent: .handOver, base: followed, state: new))
        case .applied(.primary):
            report(.stoppingForSync(handover.to))
            closeWrites()
            let attempt = nextAttempt()
            change = .stopping(
                attempt,
                Candidacy(intent: .handOver, base: followed, candidate: sync)
            )
            postgres = .stopping(attempt)
            actions.append(.stopAcknowledgements(attempt, .shutDown))
        case .untouched, .applied, .configuring, .stopping, .held, .lost, .standingAside, .retrying:
            let cause = Reason.Abandonment.postgresLost("it does not run as primary")
            failHandover(cause)
            undoHandover(in: followed, cause)
        }
    }

    // MARK: Taking back

    /// Gives the handover up when it must not go on; what this process has begun is undone.
    ///
    /// While a write is in doubt nothing is given up. A primary that has told where its log ends waits
    /// for the store however long it is away, because the sync may have declared itself.
    mutating func failHandoverIfHindered() {
        guard handoverStage != .none, change.inFlight == nil else { return }
        guard let handover = followed?.state.standingHandover, role == .primary else {
            abandonHandover(.stateChanged)
            handoverStage = .none
            return
        }
        if store != .connected {
            if handover.final == nil { failHandover(.storeAway) }
        } else if standing != .current {
            if handover.final == nil { failHandover(.storeRefused) }
        } else if let freeze = followed?.state.freeze {
            failHandover(.frozen(freeze))
        } else if let state = followed?.state, let sync = state.sync, lossOfSync(in: state) != nil {
            failHandover(.syncGone(sync.id))
        }
    }

    mutating func handoverTimerFired(_ timer: PeerTimer) {
        if handoverStage == .underWay(timer) { failHandover(.handoverExpired) }
    }

    /// The handover is to be taken back; a change on the way to it is given up at once, unless its write
    /// is out: that is settled first.
    mutating func failHandover(_ cause: Reason.Abandonment) {
        guard case .underWay = handoverStage else { return }
        handoverStage = .failed(cause)
        abandonHandover(cause)
    }

    private mutating func abandonHandover(_ cause: Reason.Abandonment) {
        switch change {
        case .stopping(_, let candidacy) where candidacy.intent == .handOver:
            abandon(.handOver, cause)
        case .remembering(let proposal) where proposal.intent == .handOver:
            abandon(.handOver, cause)
        case .idle, .preparing, .stopping, .remembering, .writing, .reading, .waitingToRead,
            .refreshing, .backingOff:
            break
        }
    }

    private mutating func undoHandover(in followed: VersionedState, _ cause: Reason.Abandonment) {
        guard let handover = followed.state.handover else { return }
        report(.undoingHandover(to: handover.to, cause))
        var new = followed.state
        new.handover = nil
        write(Proposal(intent: .undoHandover, base: followed, state: new))
    }
}
