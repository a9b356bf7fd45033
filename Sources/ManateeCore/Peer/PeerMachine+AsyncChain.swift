/// What a primary does about the peers behind it (rules R19, R45 to R48 and R50).
extension PeerMachine {
    /// Replaces a lost sync, or else keeps the list of asyncs in step with the present peers.
    mutating func pursueAsPrimary(_ followed: VersionedState) {
        // Whatever it wrote would stand in the way of the takeover that it waits for.
        if case .standingAside = postgres { return }
        guard followed.state.handover == nil else { return pursueHandover(followed) }
        pursueRequestAsPrimary(followed)
        guard case .idle = change else { return }
        guard !followed.state.oneNodeWriteMode, let sync = followed.state.sync else {
            return pursueAlone(followed)
        }
        if lossOfSync(in: followed.state) != nil {
            beginNewGeneration(.replaceSync, from: followed)
        } else {
            clear(.change, .refusal)
            tellSuspicion(of: sync)
        }
        guard case .idle = change else { return }
        maintainAsyncs(followed)
    }

    /// Leaves one-node-write mode, unless this peer is configured for it; that stays by itself.
    private mutating func pursueAlone(_ followed: VersionedState) {
        switch configuration.mode {
        case .oneNodeWrite: break
        case .replicated: beginNewGeneration(.leaveOneNodeWriteMode, from: followed)
        }
    }

    /// Drops asyncs that are gone and appends peers that came, in election order.
    ///
    /// Freezing does not hinder it. A request to promote is over, because it names an index in the
    /// old list. Deposed peers are never added: they come back by themselves.
    private mutating func maintainAsyncs(_ followed: VersionedState) {
        let old = followed.state
        let added = activePeers.filter { old.role(of: $0.id) == .unassigned && isUsable($0) }
        let removed = old.async.filter { !isPresent($0) }
        guard !added.isEmpty || !removed.isEmpty else { return clear(.asyncs, .asyncsRefusal) }
        report(.changingAsyncs(added: added.map(\.id), removed: removed.map(\.id)))
        var new = old
        new.async = old.async.filter(isPresent) + added
        new.promote = nil
        write(Proposal(intent: .changeAsyncs, base: followed, state: new))
    }
}
