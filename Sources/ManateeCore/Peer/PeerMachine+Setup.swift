/// The first generation of a new shard (rules R11 and R20).
extension PeerMachine {
    /// Sets the shard up, if this peer is the one to do so.
    ///
    /// The first peer in election order does it, once another is there to be its sync. A database
    /// that exists already must not be passed over: then an operator decides what it is.
    mutating func considerSetup() {
        guard case .running(let inventory) = life else { return }
        switch inventory {
        case .database(let found):
            return report(.databaseWithoutState(found))
        case .empty:
            if let held = memory.systemIdentifier { return report(.databaseWithoutState(held)) }
        }
        guard activePeers.first == configuration.peer else {
            return report(.waitingForSetup(by: activePeers.first?.id))
        }
        switch configuration.mode {
        case .oneNodeWrite:
            setUp(sync: nil, async: [])
        case .replicated:
            guard activePeers.count > 1 else { return report(.waitingForSecondPeer) }
            setUp(sync: activePeers[1], async: Array(activePeers.dropFirst(2)))
        }
    }

    private mutating func setUp(sync: Peer?, async: [Peer]) {
        report(.settingUp(sync: sync?.id))
        var state = ClusterState(
            generation: Generation(1),
            primary: configuration.peer,
            sync: sync,
            async: async,
            deposed: [],
            initWAL: .zero,
            initTimeline: TimelineID(1),
            timeline: TimelineID(1)
        )
        if sync == nil {
            state.oneNodeWriteMode = true
            state.freeze = .explained(["reason": .string("manatee setup: one node write mode")])
        }
        state.keepReign()
        propose(Proposal(intent: .setUp, base: nil, state: state))
    }
}
