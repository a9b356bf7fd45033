/// Changes of the cluster state: proposed, made durable, written, settled (rules S1 to S3).
extension PeerMachine {
    /// A generation that is about to be declared, before the log was sampled.
    struct Candidacy: Hashable {
        var intent: Intent
        var base: VersionedState
        var candidate: Peer
    }

    /// A state that is about to be written in place of `base`.
    struct Proposal: Hashable {
        var intent: Intent
        var base: VersionedState?
        var state: ClusterState
    }

    /// How far a change of the cluster state has come.
    enum Change: Hashable {
        /// Valid transitions: `.preparing`, `.stopping`, `.remembering`, `.writing`, `.backingOff`.
        case idle
        /// A handover is being prepared in place of this state. Valid transitions: `.writing`,
        /// `.backingOff`, `.idle`.
        case preparing(Attempt, VersionedState)
        /// Acknowledgements are being stopped. Valid transitions: `.remembering`, `.backingOff`,
        /// `.idle`.
        case stopping(Attempt, Candidacy)
        /// The proposal is being made durable. Valid transitions: `.writing`, `.backingOff`, `.idle`.
        case remembering(Proposal)
        /// The write is out. Valid transitions: `.idle`, `.reading`, `.refreshing`, `.backingOff`.
        case writing(Attempt, Proposal)
        /// The reply was lost; a read will tell. Valid transitions: `.idle`, `.waitingToRead`,
        /// `.backingOff`.
        case reading(Attempt, Proposal)
        /// The read failed, too. Valid transitions: `.idle`, `.reading`.
        case waitingToRead(PeerTimer, Proposal)
        /// Somebody else wrote first; what, a read will tell. Valid transitions: `.idle`,
        /// `.backingOff`.
        case refreshing(Attempt)
        /// The next attempt is waited for. Valid transitions: `.idle`.
        case backingOff(PeerTimer)

        /// The proposal whose write is out and whose end is not known.
        var inFlight: Proposal? {
            switch self {
            case .writing(_, let proposal), .reading(_, let proposal),
                .waitingToRead(_, let proposal):
                proposal
            case .idle, .preparing, .stopping, .remembering, .refreshing, .backingOff:
                nil
            }
        }

        /// Whether postgres must be left as it is, with acknowledgements stopped (rule S3).
        var holdsAcknowledgements: Bool {
            switch self {
            case .stopping:
                true
            case .remembering(let proposal), .writing(_, let proposal), .reading(_, let proposal),
                .waitingToRead(_, let proposal):
                proposal.intent.holdsAcknowledgements
            case .idle, .preparing, .refreshing, .backingOff:
                false
            }
        }
    }

    // MARK: Before the write

    /// Makes a new generation durable before it is written, so that a restart knows of the doubt.
    mutating func propose(_ proposal: Proposal) {
        memory.proposed = proposal.state
        change = .remembering(proposal)
    }

    /// Writes the proposal once it is durable.
    mutating func writeIfRemembered() {
        guard case .remembering(let proposal) = change,
            case .idle(let saved) = memoryLink,
            saved == memory
        else { return }
        write(proposal)
    }

    /// Sends the write.
    mutating func write(_ proposal: Proposal) {
        let attempt = nextAttempt()
        change = .writing(attempt, proposal)
        actions.append(
            .writeState(attempt, proposal.state, expecting: proposal.base?.version)
        )
    }

    /// Gives up a change that has not been written yet, if an event has overtaken it.
    mutating func abandonIfOvertaken() {
        switch change {
        case .preparing(_, let base):
            abandonIfOvertaken(.announceHandover, base, nil)
        case .stopping(_, let candidacy) where candidacy.intent == .handOver:
            break
        case .remembering(let proposal) where proposal.intent == .handOver:
            // The position stays what it is: it is proposed again, in place of the newest state.
            if proposal.base?.version != followed?.version {
                memory.proposed = nil
                change = .idle
            }
        case .stopping(_, let candidacy):
            abandonIfOvertaken(candidacy.intent, candidacy.base, candidacy.candidate)
        case .remembering(let proposal):
            abandonIfOvertaken(proposal.intent, proposal.base, proposal.state.sync)
        case .idle, .writing, .reading, .waitingToRead, .refreshing, .backingOff:
            break
        }
    }

    private mutating func abandonIfOvertaken(
        _ intent: Intent,
        _ base: VersionedState?,
        _ candidate: Peer?
    ) {
        guard let cause = overtaken(intent, base, candidate) else { return }
        abandon(intent, cause)
    }

    /// Gives up a change that has not been written; the configuration that follows from the state is
    /// applied again.
    mutating func abandon(_ intent: Intent, _ cause: Reason.Abandonment) {
        memory.proposed = nil
        change = .idle
        clear(intent.subject)
        report(.abandoned(intent, cause))
    }

    private func overtaken(
        _ intent: Intent,
        _ base: VersionedState?,
        _ candidate: Peer?
    ) -> Reason.Abandonment? {
        guard store == .connected else { return .storeAway }
        switch standing {
        case .unheard, .remembered, .refused:
            return .storeRefused
        case .absent:
            if base != nil { return .storeRefused }
        case .current:
            if let freeze = followed?.state.freeze, intent != .setUp { return .frozen(freeze) }
            if followed?.version != base?.version { return .stateChanged }
        }
        switch intent {
        case .takeOver:
            if let state = base?.state, lossOfPrimary(in: state) == nil {
                return .returned(state.primary.id)
            }
        case .replaceSync:
            if let state = base?.state, let sync = state.sync, lossOfSync(in: state) == nil {
                return .returned(sync.id)
            }
        case .announceHandover:
            if let state = base?.state, let sync = state.sync, lossOfSync(in: state) != nil {
                return .syncGone(sync.id)
            }
            if let problem = problem(of: intent, in: base) { return .requestEnded(problem) }
        case .promoteAsync:
            if let problem = problem(of: intent, in: base) { return .requestEnded(problem) }
        case .setUp, .handOver, .completeHandover, .undoHandover, .moveAsync, .removeRequest,
            .leaveOneNodeWriteMode, .changeAsyncs, .rejoin, .seal:
            break
        }
        if let candidate, !isUsable(candidate) { return .vanished(candidate.id) }
        return nil
    }

    // MARK: After the write

    mutating func stateWritten(_ attempt: Attempt, _ outcome: WriteOutcome) {
        guard case .writing(attempt, let proposal) = change else { return }
        switch outcome {
        case .written(let version):
            let isRefused = standing == .refused
            won(proposal, at: version)
            // What was shown meanwhile came after this write.
            if isRefused { standing = .refused }
        case .conflict:
            forget(proposal)
            report(.writeConflict(proposal.intent, expected: proposal.base?.version))
            let read = nextAttempt()
            change = .refreshing(read)
            actions.append(.readState(read))
        case .failed(let failure):
            forget(proposal)
            backOff(.writeFailed(proposal.intent, failure))
        case .unknown(let failure):
            report(.writeInDoubt(proposal.intent, failure))
            readAgain(proposal)
        }
    }

    /// The state in the store is this peer's own.
    private mutating func won(_ proposal: Proposal, at version: StateVersion) {
        let written = VersionedState(proposal.state, version: version)
        change = .idle
        clear(
            .change,
            .asyncs,
            .asyncsRefusal,
            .request,
            .requestRefusal,
            .refusal,
            .doubt
        )
        follow(written)
        memory.proposed = nil
        if proposal.intent == .announceHandover { beginHandoverLimit() }
    }

    /// The version has moved on, so whatever became of the write, it is over: the state tells.
    mutating func settle(_ proposal: Proposal, by shown: VersionedState) {
        let wasInDoubt = reported[.doubt] != nil
        guard shown.state != proposal.state else {
            won(proposal, at: shown.version)
            if wasInDoubt { announce(.doubtSettled(proposal.intent, .own)) }
            return
        }
        change = .idle
        follow(shown)
        memory.proposed = nil
        clear(.doubt)
        if wasInDoubt { announce(.doubtSettled(proposal.intent, .other)) }
    }

    /// Looks (again) how a write ended whose reply was lost.
    mutating func readAgain(_ proposal: Proposal) {
        let attempt = nextAttempt()
        change = .reading(attempt, proposal)
        actions.append(.readState(attempt))
    }

    /// A read that was to settle a write has ended.
    mutating func changeRead(
        _ attempt: Attempt,
        _ result: Result<VersionedState?, EffectFailure>
    ) {
        switch change {
        case .reading(attempt, let proposal):
            guard case .success(let shown) = result else {
                change = .waitingToRead(startTimer(.backOff, configuration.backOff), proposal)
                return
            }
            observe(shown, .read)
            guard case .reading(attempt, _) = change, case .running = life else { return }
            if standing == .refused {
                change = .waitingToRead(startTimer(.backOff, configuration.backOff), proposal)
            } else {
                clear(.doubt)
                announce(.doubtSettled(proposal.intent, .notApplied))
                forget(proposal)
                backOff(nil)
            }
        case .refreshing(attempt):
            if case .success(let shown) = result { observe(shown, .read) }
            if case .refreshing = change { backOff(nil) }
        case .idle, .preparing, .stopping, .remembering, .writing, .reading, .waitingToRead,
            .refreshing, .backingOff:
            break
        }
    }

    /// The write certainly did not take effect and never will.
    private mutating func forget(_ proposal: Proposal) {
        switch proposal.intent {
        case .setUp, .takeOver, .announceHandover, .handOver, .completeHandover, .undoHandover,
            .replaceSync, .promoteAsync, .moveAsync, .removeRequest, .leaveOneNodeWriteMode,
            .changeAsyncs, .rejoin:
            memory.proposed = nil
        case .seal:
            break
        }
    }

    // MARK: Again

    /// Undoes what was begun and waits before the next attempt, which looks at the newest state.
    mutating func backOff(_ reason: Reason?) {
        if let reason { report(reason) }
        change = .backingOff(startTimer(.backOff, configuration.backOff))
    }

    mutating func changeTimerFired(_ timer: PeerTimer) {
        switch change {
        case .backingOff(timer): change = .idle
        case .waitingToRead(timer, let proposal): readAgain(proposal)
        case .idle, .preparing, .stopping, .remembering, .writing, .reading, .waitingToRead,
            .refreshing, .backingOff:
            break
        }
    }

    // MARK: What an earlier process left

    /// How the last write of an earlier process ended, if what the store shows tells.
    func settledProposalOfEarlierProcess(by shown: VersionedState) -> Reason? {
        guard let proposed = memory.proposed, change.inFlight == nil else { return nil }
        if shown.state == proposed {
            return .earlierProposalSettled(proposed.generation, .own)
        }
        return shown.version == memory.adopted?.version
            ? nil : .earlierProposalSettled(proposed.generation, .other)
    }

    /// Raises the version, so that a write that an earlier process sent can never take effect late.
    ///
    /// Until then acknowledgements are held: postgres is not started.
    mutating func seal(_ shown: VersionedState) {
        report(.sealing(shown.state.generation))
        write(Proposal(intent: .seal, base: shown, state: shown.state))
    }
}
