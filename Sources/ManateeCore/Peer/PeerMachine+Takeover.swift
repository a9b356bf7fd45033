/// New generations: the sync takes over, the primary replaces its sync (rules S2 to S6, R40 to R44), and
/// what an operator asks for is declared in the same steps (R50, R64, R84).
extension PeerMachine {
    /// Takes over when the primary is gone, or has stopped for this peer.
    mutating func pursueAsSync(_ followed: VersionedState) {
        let state = followed.state
        if state.finalPosition != nil, isPresent(state.primary) {
            clear(.change, .refusal)
            return beginNewGeneration(.completeHandover, from: followed)
        }
        guard lossOfPrimary(in: state) == nil else {
            return beginNewGeneration(.takeOver, from: followed)
        }
        clear(.change, .refusal, .request, .requestRefusal)
        tellSuspicion(of: state.primary)
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
        case .completeHandover:
            stop = .detachFromUpstream
            report(.completingHandover(from: old.primary.id, candidate: candidate.id))
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
        case .setUp, .announceHandover, .handOver, .undoHandover, .moveAsync, .removeRequest,
            .changeAsyncs, .rejoin, .seal:
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
        guard case .stopping(attempt, let candidacy) = change else {
            postgres = .held
            return
        }
        if candidacy.intent == .handOver, case .success(let sample) = result {
            postgres = .ended(sample.end)
            change = .idle
            return
        }
        postgres = .held
        switch result {
        case .success(let sample):
            if let reason = missing(for: candidacy, in: sample) { return backOff(reason) }
            propose(
                Proposal(
                    intent: candidacy.intent,
                    base: candidacy.base,
                    state: newGeneration(candidacy, after: sample)
                )
            )
        case .failure(let failure):
            if candidacy.intent == .handOver { failHandover(.notStopped(failure)) }
            backOff(.stopFailed(candidacy.intent, failure))
        }
    }

    /// Why a copy that ends at `sample` must not become primary; nil if it may (S4).
    ///
    /// A state that an original Manatee wrote does not say on which timeline its generation began;
    /// then the positions alone are compared, as the original does.
    private func missing(for candidacy: Candidacy, in sample: WALSample) -> Reason? {
        let state = candidacy.base.state
        let needed: LSN
        let timeline: TimelineID?
        switch candidacy.intent {
        case .takeOver:
            (needed, timeline) = (state.initWAL, state.initTimeline)
        case .completeHandover:
            guard let final = state.finalPosition else { return nil }
            (needed, timeline) = (final.lsn, final.timeline)
        case .setUp, .announceHandover, .handOver, .undoHandover, .replaceSync, .promoteAsync,
            .moveAsync, .removeRequest, .leaveOneNodeWriteMode, .changeAsyncs, .rejoin, .seal:
            return nil
        }
        let holdsEverything =
            if let timeline {
                sample.contains(WALPosition(timeline: timeline, lsn: needed))
            } else {
                needed <= sample.end.lsn
            }
        guard !holdsEverything else { return nil }
        return .notCaughtUp(
            candidacy.intent,
            own: sample.end,
            needed: needed,
            timeline: timeline,
            since: state.generation
        )
    }

    /// The old state, edited: unknown fields survive, only what an operator asked for is over (S11).
    ///
    /// A primary whose whole log is in `sample` has not diverged: it stays in the chain.
    private func newGeneration(_ candidacy: Candidacy, after sample: WALSample) -> ClusterState {
        let old = candidacy.base.state
        let start = sample.end
        let hasHandedOver = old.finalPosition.map(sample.contains) ?? false
        var new = old
        new.generation = old.generation.next
        new.primary = configuration.peer
        new.sync = candidacy.candidate
        new.async = followers(of: candidacy, and: hasHandedOver ? [old.primary] : [])
        switch candidacy.intent {
        case .leaveOneNodeWriteMode:
            new.oneNodeWriteMode = false
        case .setUp, .takeOver, .announceHandover, .handOver, .completeHandover, .undoHandover,
            .replaceSync, .promoteAsync, .moveAsync, .removeRequest, .changeAsyncs, .rejoin, .seal:
            if old.primary != configuration.peer, !hasHandedOver {
                new.deposed.append(old.primary)
            }
        }
        new.initWAL = start.lsn
        new.initTimeline = start.timeline
        new.timeline = timeline(of: candidacy.intent, after: old, startingAt: start)
        new.promote = nil
        new.handover = nil
        new.keepReign()
        return new
    }

    /// The asyncs of the new generation: of the listed ones those that are present.
    ///
    /// A sync that gives its place to the first async heads them. On leaving one-node-write mode
    /// nobody has a place yet, so everybody gets one who may, in election order. `last` come behind all.
    private func followers(of candidacy: Candidacy, and last: [Peer]) -> [Peer] {
        let old = candidacy.base.state
        let listed: [Peer]
        switch candidacy.intent {
        case .promoteAsync:
            listed = (old.sync.map { [$0] } ?? []) + old.async
        case .leaveOneNodeWriteMode:
            listed = newcomers(to: old)
        case .setUp, .takeOver, .announceHandover, .handOver, .completeHandover, .undoHandover,
            .replaceSync, .moveAsync, .removeRequest, .changeAsyncs, .rejoin, .seal:
            listed = old.async + last
        }
        return listed.filter { isPresent($0) && $0 != candidacy.candidate }
    }

    /// Who becomes sync: the first listed async that is present and, if any of them is, heard.
    ///
    /// Only a primary lists newcomers. If it is gone, a sync that holds everything takes one that is
    /// not listed, in election order, rather than wait for a primary that may never come back. One that
    /// has stopped for this peer may itself become its sync, if there is no other.
    private func candidate(for intent: Intent, in state: ClusterState) -> Peer? {
        let listed = firstUsable(of: state.async)
        switch intent {
        case .takeOver:
            let placed = state.chain + state.deposed
            return listed ?? firstUsable(of: activePeers.filter { !placed.contains($0) })
        case .completeHandover:
            return listed ?? (isPresent(state.primary) ? state.primary : nil)
        case .replaceSync:
            return listed
        case .promoteAsync:
            return state.async.first.flatMap { isUsable($0) ? $0 : nil }
        case .leaveOneNodeWriteMode:
            return newcomers(to: state).first
        case .setUp, .announceHandover, .handOver, .undoHandover, .moveAsync, .removeRequest,
            .changeAsyncs, .rejoin, .seal:
            return nil
        }
    }

    /// Who may get a place when one-node-write mode ends: whoever is present and not deposed (S7).
    private func newcomers(to state: ClusterState) -> [Peer] {
        activePeers.filter { $0 != configuration.peer && !state.deposed.contains($0) }
    }

    /// The timeline on which the new primary is to write: its own, or one that nobody has used.
    private func timeline(
        of intent: Intent,
        after old: ClusterState,
        startingAt start: WALPosition
    ) -> TimelineID {
        switch intent {
        case .takeOver, .completeHandover:
            return [old.timeline, old.initTimeline].compactMap(\.self)
                .reduce(start.timeline, max).next
        case .setUp, .announceHandover, .handOver, .undoHandover, .replaceSync, .promoteAsync,
            .moveAsync, .removeRequest, .leaveOneNodeWriteMode, .changeAsyncs, .rejoin, .seal:
            return start.timeline
        }
    }
}
