import ManateeCore

/// Rules that are broken between the machine and the world, so that the core needs no switches.
extension World {
    /// What the machine is told in place of `event`.
    func mutated(_ event: PeerEvent, for peer: Int) -> PeerEvent {
        guard let mutation = plan.mutation else { return event }
        switch mutation {
        case .hideDeposed, .placeDeposed, .hideFreeze, .forgetReigns, .declareUnfinished,
            .hideFinal:
            return shown(event) { mutatedState($0, mutation, for: peer) }
        case .trustFinalWrite: return withCertainEnd(event, for: peer)
        case .neverUndo: return withoutEnd(event)
        case .trustAnyCopy: return trustingCopy(event, for: peer)
        case .ignoreTimeline: return ignoringTimeline(event, for: peer)
        case .absentCandidate: return withAbsentPeers(event, for: peer)
        case .uncorroborated: return withWitness(event)
        case .spareNobody: return withoutService(event)
        case .stopWithoutStore, .unconditionalWrite, .foreignDeclaration, .sampleBeforeFence,
            .sampleBeforeDetach,
            .sampleReplayed, .namelessStandby, .earlyNames, .trustIncompleteCopy, .openGate,
            .trustCancelled, .forgetWhatWasSeen, .forgetIntent, .dropUnknownFields,
            .noFenceOnEvidence, .hasty, .keepGateOpen, .finalTooEarly, .noGuard, .waitForPrimary,
            .trustStream, .countShort:
            return event
        }
    }

    private func shown(
        _ event: PeerEvent,
        _ change: (VersionedState) -> VersionedState
    ) -> PeerEvent {
        switch event {
        case .storeConnected(var view):
            view.state = view.state.map(change)
            return .storeConnected(view)
        case .clusterStateChanged(let state): return .clusterStateChanged(state.map(change))
        case .stateRead(let attempt, .success(let state)):
            return .stateRead(attempt, .success(state.map(change)))
        case .started, .storeDisconnected, .clusterStateUnreadable, .activePeersChanged,
            .remembered, .stateWritten, .stateRead(_, .failure), .acknowledgementsStopped,
            .postgresConfigured, .postgresLost, .postgresHung, .postgresRestarting,
            .postgresAnswers, .detectionChanged, .observed, .writesOpened, .syncHeard, .gateOrdered,
            .timerFired,
            .handoverPrepared:
            return event
        }
    }

    private func mutatedState(
        _ shown: VersionedState,
        _ mutation: Mutation,
        for peer: Int
    ) -> VersionedState {
        var shown = shown
        switch mutation {
        case .hideDeposed: shown.state.deposed = []
        case .placeDeposed where shown.state.oneNodeWriteMode: shown.state.deposed = []
        case .hideFreeze: shown.state.freeze = nil
        case .forgetReigns: shown.state.reigns = []
        case .declareUnfinished where shown.state.sync == peers[peer].identity:
            let start = shown.state.start
            if let handover = shown.state.standingHandover, handover.final == nil {
                shown.state.handover?.final = start
            }
        case .hideFinal where shown.state.primary == peers[peer].identity:
            shown.state.handover?.final = nil
        case .forgetWhatWasSeen, .trustAnyCopy, .unconditionalWrite, .foreignDeclaration,
            .sampleBeforeFence,
            .sampleBeforeDetach, .sampleReplayed, .ignoreTimeline, .namelessStandby, .earlyNames,
            .trustIncompleteCopy, .openGate, .trustCancelled, .forgetIntent, .stopWithoutStore,
            .dropUnknownFields, .absentCandidate, .uncorroborated, .noFenceOnEvidence, .hasty,
            .keepGateOpen, .declareUnfinished, .hideFinal, .finalTooEarly, .trustFinalWrite,
            .neverUndo, .noGuard, .placeDeposed, .waitForPrimary, .trustStream, .countShort,
            .spareNobody:
            break
        }
        return shown
    }

    /// A write of the final position whose reply was lost is said to have failed for certain.
    private func withCertainEnd(_ event: PeerEvent, for peer: Int) -> PeerEvent {
        guard case .stateWritten(let attempt, .unknown(let failure)) = event,
            peers[peer].shown?.state.standingHandover?.from == peers[peer].identity.id
        else { return event }
        return .stateWritten(attempt, .failed(failure))
    }

    /// The end of a handover's time passes unnoticed.
    private func withoutEnd(_ event: PeerEvent) -> PeerEvent {
        guard case .timerFired(var timer) = event, timer.purpose == .handover else { return event }
        timer.attempt = Attempt(-1)
        return .timerFired(timer)
    }

    private func trustingCopy(_ event: PeerEvent, for peer: Int) -> PeerEvent {
        guard case .acknowledgementsStopped(let attempt, .success(var sample)) = event,
            let start = peers[peer].shown?.state.start, !sample.contains(start)
        else { return event }
        sample.end = start
        return .acknowledgementsStopped(attempt, .success(sample))
    }

    private func ignoringTimeline(_ event: PeerEvent, for peer: Int) -> PeerEvent {
        guard case .acknowledgementsStopped(let attempt, .success(var sample)) = event,
            let state = peers[peer].shown?.state, state.sync == peers[peer].identity,
            state.finalPosition == nil, let timeline = state.initTimeline
        else { return event }
        sample.end.timeline = timeline
        return .acknowledgementsStopped(attempt, .success(sample))
    }

    /// A peer that does not stand for election does not serve.
    private func withoutService(_ event: PeerEvent) -> PeerEvent {
        guard case .observed(let other, .beat(var word)) = event, let index = index(of: other),
            !store.members.contains(index)
        else { return event }
        word.postgres = .changing
        return .observed(other, .beat(word))
    }

    /// Whoever speaks misses everybody else.
    private func withWitness(_ event: PeerEvent) -> PeerEvent {
        guard case .observed(let speaker, .beat(var word)) = event else { return event }
        word.hears = []
        word.misses = peers.map(\.identity.id).filter { $0 != speaker }
        return .observed(speaker, .beat(word))
    }

    private func withAbsentPeers(_ event: PeerEvent, for peer: Int) -> PeerEvent {
        func all(_ present: [Peer], _ state: ClusterState?) -> [Peer] {
            present + (state?.async ?? []).filter { !present.contains($0) }
        }
        switch event {
        case .storeConnected(var view):
            view.activePeers = all(view.activePeers, view.state?.state)
            return .storeConnected(view)
        case .activePeersChanged(let present):
            return .activePeersChanged(all(present, peers[peer].shown?.state))
        case .started, .storeDisconnected, .clusterStateChanged, .clusterStateUnreadable,
            .remembered, .stateWritten, .stateRead, .acknowledgementsStopped, .postgresConfigured,
            .postgresLost, .postgresHung, .postgresRestarting, .postgresAnswers, .detectionChanged,
            .observed,
            .writesOpened, .syncHeard, .gateOrdered, .timerFired, .handoverPrepared:
            return event
        }
    }

    /// What reaches the store in place of `state`; what a mutation hid from the machine is put back.
    func mutatedWrite(_ state: ClusterState, by peer: Int) -> ClusterState {
        guard let mutation = plan.mutation else { return state }
        var state = state
        let old = store.value?.state
        switch mutation {
        case .hideFreeze: state.freeze = old?.freeze
        case .ignoreTimeline where old?.generation != state.generation:
            let count = LogCopy.count(state.initWAL)
            state.initTimeline = peers[peer].postgres.log.sample(at: count).end.timeline
        case .dropUnknownFields: state.unknownFields = [:]
        case .foreignDeclaration where old.map { $0.generation != state.generation } ?? false:
            if let sync = state.sync, state.primary != old?.primary {
                state.sync = state.primary
                state.primary = sync
            }
        case .unconditionalWrite, .foreignDeclaration, .sampleBeforeFence, .sampleBeforeDetach,
            .sampleReplayed, .trustAnyCopy, .ignoreTimeline, .namelessStandby, .earlyNames,
            .trustIncompleteCopy, .hideDeposed, .openGate, .trustCancelled, .forgetWhatWasSeen,
            .forgetIntent, .forgetReigns, .stopWithoutStore, .absentCandidate, .uncorroborated,
            .noFenceOnEvidence, .hasty, .keepGateOpen, .declareUnfinished, .hideFinal,
            .finalTooEarly, .trustFinalWrite, .neverUndo, .noGuard,
            .placeDeposed, .waitForPrimary, .trustStream, .countShort, .spareNobody:
            break
        }
        return state
    }

    /// Stops a server that nobody asked to stop; its sitter sees it and starts it again.
    mutating func stopForWantOfStore(_ peer: Int) {
        stopServer(peer)
        add(
            .sitterHears(
                peer: peer,
                process: peers[peer].process,
                .postgresLost("stopped without the store")
            ),
            after: .seconds(1)
        )
    }

    /// Names a standby again while the declaration is still on its way to the store.
    mutating func nameEarly(_ peer: Int, _ state: ClusterState) {
        guard peers[peer].postgres.isPrimary, state.primary == peers[peer].identity,
            let sync = peers[peer].postgres.sync, index(of: state.sync) != sync
        else { return }
        setNames(peer, .peer(sync))
    }
}
