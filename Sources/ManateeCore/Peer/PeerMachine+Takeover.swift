/// New generations: the sync takes over, the primary replaces its sync (rules S2 to S6, R40 to R44), and
/// what an operator asks for is declared in the same steps (R50, R63, R64).
extension PeerMachine {
    /// Takes over when the primary is gone, or when an operator asks for it.
    mutating func pursueAsSync(_ followed: VersionedState) {
        guard lossOfPrimary(in: followed.state) != nil else {
            clear(.change, .refusal)
            tellSuspicion(of: followed.state.primary)
            return pursueRequestAsSync(followed)
        }
        beginNewGeneration(.takeOver, from: followed)
    }

    /// Declares a new generation under which `candidate` is sync, if everything that can be known
    /// beforehand allows it; replication is not touched otherwise.
    mutating func beginNewGeneration(_ intent: Intent, from base: VersionedState) {
        let old = base.state
        if let freeze = old.freeze {
            clear(intent.subject)
            return report(.frozen(intent, freeze))
        }
        guard let candidate = candidate(for: intent, in: old) else {
            clear(intent.subject)
            let wanted = intent == .promoteAsync ? Array(old.async.prefix(1)) : old.async
            return report(.noCandidate(intent, listed: wanted.map(\.id)))
        }
        guard case .applied(wish) = postgres else { return report(.postgresNotReady(intent)) }
        let stop: AcknowledgementStop
        switch intent {
        case .takeOver:
            stop = .detachFromUpstream
            let loss = lossOfPrimary(in: old) ?? .absent
            report(.takingOver(from: old.primary.id, loss, candidate: candidate.id))
        case .promoteSync:
            stop = .detachFromUpstream
            report(.promotingSync(over: old.primary.id, candidate: candidate.id))
        case .replaceSync:
            guard let sync = old.sync else { return }
            stop = .fence(replacing: sync)
            let loss = lossOfSync(in: old) ?? .absent
            report(.replacingSync(sync.id, loss, candidate: candidate.id))
        case .promoteAsync:
            guard let sync = old.sync else { return }
            stop = .fence(replacing: sync)
            report(.promotingAsync(candidate.id, over: sync.id))
        case .leaveOneNodeWriteMode:
            stop = .fence(replacing: old.sync)
            report(.leavingOneNodeWriteMode(sync: candidate.id))
        case .setUp, .moveAsync, .removeRequest, .changeAsyncs, .rejoin, .seal:
            preconditionFailure("\(intent) does not begin by stopping the acknowledgements")
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
            if let reason = missing(for: candidacy, in: sample) { return backOff(reason) }
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

    /// Why a copy that ends at `sample` must not become primary; nil if it may (S4).
    ///
    /// A state that an original Manatee wrote does not say on which timeline its generation began;
    /// then the positions alone are compared, as the original does.
    private func missing(for candidacy: Candidacy, in sample: WALSample) -> Reason? {
        switch candidacy.intent {
        case .takeOver, .promoteSync:
            break
        case .setUp, .replaceSync, .promoteAsync, .moveAsync, .removeRequest,
            .leaveOneNodeWriteMode, .changeAsyncs, .rejoin, .seal:
            return nil
        }
        let state = candidacy.base.state
        let holdsEverything =
            if let start = state.start {
                sample.contains(start)
            } else {
                state.initWAL <= sample.end.lsn
            }
        guard !holdsEverything else { return nil }
        return .notCaughtUp(
            candidacy.intent,
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
        new.async = followers(of: candidacy)
        switch candidacy.intent {
        case .leaveOneNodeWriteMode:
            new.deposed = []
            new.oneNodeWriteMode = false
        case .setUp, .takeOver, .promoteSync, .replaceSync, .promoteAsync, .moveAsync,
            .removeRequest, .changeAsyncs, .rejoin, .seal:
            if old.primary != configuration.peer { new.deposed.append(old.primary) }
        }
        new.initWAL = start.lsn
        new.initTimeline = start.timeline
        new.timeline = timeline(of: candidacy.intent, after: old, startingAt: start)
        new.promote = nil
        new.keepReign()
        return new
    }

    /// The asyncs of the new generation: of the listed ones those that are present.
    ///
    /// A sync that gives its place to the first async heads them. On leaving one-node-write mode
    /// nobody has a place yet, so everybody else gets one, in election order.
    private func followers(of candidacy: Candidacy) -> [Peer] {
        let old = candidacy.base.state
        let listed: [Peer]
        switch candidacy.intent {
        case .promoteAsync:
            listed = (old.sync.map { [$0] } ?? []) + old.async
        case .leaveOneNodeWriteMode:
            listed = activePeers.filter { $0 != configuration.peer }
        case .setUp, .takeOver, .promoteSync, .replaceSync, .moveAsync, .removeRequest,
            .changeAsyncs, .rejoin, .seal:
            listed = old.async
        }
        return listed.filter { isPresent($0) && $0 != candidacy.candidate }
    }

    /// Who becomes sync: the first listed async that is present and, if any of them is, heard.
    ///
    /// Only a primary lists newcomers. If it is gone, a sync that holds everything takes one that is
    /// not listed, in election order, rather than wait for a primary that may never come back.
    private func candidate(for intent: Intent, in state: ClusterState) -> Peer? {
        let listed = firstUsable(of: state.async)
        switch intent {
        case .takeOver:
            let placed = state.chain + state.deposed
            return listed ?? firstUsable(of: activePeers.filter { !placed.contains($0) })
        case .promoteSync, .replaceSync:
            return listed
        case .promoteAsync:
            return state.async.first.flatMap { isUsable($0) ? $0 : nil }
        case .leaveOneNodeWriteMode:
            return activePeers.first { $0 != configuration.peer }
        case .setUp, .moveAsync, .removeRequest, .changeAsyncs, .rejoin, .seal:
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
        case .takeOver, .promoteSync:
            return [old.timeline, old.initTimeline].compactMap(\.self)
                .reduce(start.timeline, max).next
        case .setUp, .replaceSync, .promoteAsync, .moveAsync, .removeRequest,
            .leaveOneNodeWriteMode, .changeAsyncs, .rejoin, .seal:
            return start.timeline
        }
    }
}
