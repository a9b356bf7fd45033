/// New generations: the sync takes over, the primary replaces its sync (rules S2 to S6, R40 to R44).
extension PeerMachine {
    /// Takes over when the primary is gone.
    mutating func pursueAsSync(_ followed: VersionedState) {
        guard !isPresent(followed.state.primary) else { return clear(.change, .refusal) }
        beginNewGeneration(.takeOver, from: followed)
    }

    /// Declares a new generation under which `candidate` is sync, if everything that can be known
    /// beforehand allows it; replication is not touched otherwise.
    mutating func beginNewGeneration(_ intent: Intent, from base: VersionedState) {
        if let freeze = base.state.freeze {
            clear(.change)
            return report(.frozen(intent, freeze))
        }
        guard let candidate = candidate(for: intent, in: base.state) else {
            clear(.change)
            return report(.noCandidate(intent, listed: base.state.async.map(\.id)))
        }
        guard case .applied(wish) = postgres else { return report(.postgresNotReady(intent)) }
        let stop: AcknowledgementStop
        switch intent {
        case .takeOver:
            stop = .detachFromUpstream
            report(.takingOver(from: base.state.primary.id, candidate: candidate.id))
        case .replaceSync:
            guard let sync = base.state.sync else { return }
            stop = .fence(replacing: sync)
            report(.replacingSync(sync.id, candidate: candidate.id))
        case .setUp, .changeAsyncs, .rejoin, .seal:
            preconditionFailure("\(intent) declares no generation by takeover")
        }
        let attempt = nextAttempt()
        change = .stopping(attempt, Candidacy(intent: intent, base: base, candidate: candidate))
        postgres = .stopping(attempt)
        actions.append(.stopAcknowledgements(attempt, stop))
    }

    /// Nobody can acknowledge under the old generation any more, or that could not be made sure of.
    mutating func acknowledgementsStopped(
        _ attempt: Attempt,
        _ result: Result<WALSample, PostgresFailure>
    ) {
        guard postgres == .stopping(attempt) else { return }
        postgres = .held
        guard case .stopping(attempt, let candidacy) = change else { return }
        switch result {
        case .success(let sample):
            if candidacy.intent == .takeOver,
                let reason = missing(in: sample, of: candidacy.base.state)
            {
                return backOff(reason)
            }
            propose(
                Proposal(
                    intent: candidacy.intent,
                    base: candidacy.base,
                    state: newGeneration(candidacy, startingAt: sample.end)
                )
            )
        case .failure(let failure):
            backOff(.stopFailed(candidacy.intent, failure))
        }
    }

    /// Why a copy that ends at `sample` must not become primary after `state`; nil if it may (S4).
    ///
    /// A state that an original Manatee wrote does not say on which timeline its generation began;
    /// then the positions alone are compared, as the original does.
    private func missing(in sample: WALSample, of state: ClusterState) -> Reason? {
        let holdsEverything =
            if let start = state.start {
                sample.contains(start)
            } else {
                state.initWAL <= sample.end.lsn
            }
        guard !holdsEverything else { return nil }
        return .notCaughtUp(
            own: sample.end,
            needed: state.initWAL,
            timeline: state.initTimeline,
            since: state.generation
        )
    }

    /// The old state, edited: unknown fields survive, only a pending `promote` is over (S11).
    private func newGeneration(
        _ candidacy: Candidacy,
        startingAt start: WALPosition
    ) -> ClusterState {
        let old = candidacy.base.state
        var new = old
        new.generation = old.generation.next
        new.primary = configuration.peer
        new.sync = candidacy.candidate
        new.async = old.async.filter { isPresent($0) && $0 != candidacy.candidate }
        if old.primary != configuration.peer { new.deposed.append(old.primary) }
        new.initWAL = start.lsn
        new.initTimeline = start.timeline
        new.timeline = timeline(of: candidacy.intent, after: old, startingAt: start)
        new.promote = nil
        new.keepReign()
        return new
    }

    /// Who becomes sync: the first listed async that is present.
    ///
    /// Only a primary lists newcomers. If it is gone, a sync that holds everything takes one that is
    /// not listed, in election order, rather than wait for a primary that may never come back.
    private func candidate(for intent: Intent, in state: ClusterState) -> Peer? {
        if let listed = state.async.first(where: isPresent) { return listed }
        switch intent {
        case .takeOver:
            let placed = state.chain + state.deposed
            return activePeers.first { !placed.contains($0) }
        case .replaceSync, .setUp, .changeAsyncs, .rejoin, .seal:
            return nil
        }
    }

    /// The timeline on which the new primary is to write: its own, or one that nobody has used.
    private func timeline(
        of intent: Intent,
        after old: ClusterState,
        startingAt start: WALPosition
    ) -> TimelineID {
        switch intent {
        case .takeOver:
            return [old.timeline, old.initTimeline].compactMap(\.self)
                .reduce(start.timeline, max).next
        case .replaceSync, .setUp, .changeAsyncs, .rejoin, .seal:
            return start.timeline
        }
    }
}
