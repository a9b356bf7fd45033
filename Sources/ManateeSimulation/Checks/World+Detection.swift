import ManateeCore

/// Whether a change of the pair was called for, and whether one came when it was.
extension World {
    /// A pair has changed.
    mutating func checkCause(_ peer: Int, _ old: ClusterState, _ new: ClusterState) {
        defer { lastChange = now }
        let lost = new.primary == old.primary ? index(of: old.sync) : index(of: old.primary)
        let isPresent = lost.map { store.members.contains($0) } ?? false
        guard case .evidence(let judgement)? = peers[peer].lastLoss, isPresent else {
            return checkCalm(peer, new)
        }
        tally.onEvidence += 1
        checkCalm(peer, new)
        // The limits, by the slowest clock; by one that jumped meanwhile they were over at once.
        let calm = SimulatedTime(FailureDetection().calm).microseconds * 9 / 10
        let hasJumped = peers[peer].clock.jumpedAt.map { $0 >= lastChange } ?? false
        if case .suspected = judgement, !hasJumped, (now - lastChange).microseconds < calm {
            violate(
                .flapping,
                "\(PeerName.of(peer)) declared \(Words.of(new)) because its counterpart \(judgement)"
            )
        }
        if let fault = plan.partition, now >= fault.time, !isHealing, new.primary != old.primary {
            violate(
                .falseTakeover,
                "\(PeerName.of(peer)) took over from a primary that others reach, because it \(judgement)"
            )
        }
    }

    /// Where nothing but short delays and stops go wrong, no pair changes.
    private mutating func checkCalm(_ peer: Int, _ new: ClusterState) {
        guard plan.shape == .calm, !isHealing else { return }
        tally.falseChanges += 1
        violate(
            .falseTakeover,
            "\(PeerName.of(peer)) declared \(Words.of(new)) although everybody was well"
        )
    }

    /// Whenever two peers lost each other and everybody else is well, or the primary of three was lost twice
    /// in a row, writes are back within the bound.
    mutating func judgeResumption() {
        guard let fault = plan.survived, !isHealing, !needsLostPrimary else { return }
        if plan.shape == .shortage { judgeShortage() }
        let due = fault.time + plan.resumptionBound - .seconds(5)
        guard newestAcknowledged < due else { return }
        violate(.notResumed, "no write begun after \(due) was acknowledged, since \(fault)")
    }

    /// Whoever lacks room leaves the chain when another peer can take its place.
    private mutating func judgeShortage() {
        guard let state = store.value?.state else { return }
        for peer in state.chain where index(of: peer).map({ isOpen(.fillDisk, $0) }) == true {
            violate(.shortKept, "\(peer.id) lacks room and is in the chain: \(Words.of(state))")
        }
    }

    /// Whether the sync has no whole copy, or a deposed peer a log of its own: only the lost primary can mend it.
    private var needsLostPrimary: Bool {
        guard plan.shape == .succession, let state = store.value?.state,
            let sync = index(of: state.sync)
        else { return false }
        guard peers[sync].postgres.database?.isComplete == true else { return true }
        return state.deposed.contains { deposed in
            index(of: deposed).map {
                !peers[$0].postgres.log.agrees(
                    with: peers[sync].postgres.log,
                    upTo: peers[$0].postgres.log.count
                )
            } ?? false
        }
    }
}
