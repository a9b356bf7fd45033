package import ManateeCore

/// After all faults have ended: the shard serves again, or the verdict names who must help.
extension World {
    /// A client's write that was begun after the last fault was acknowledged by `peer`.
    mutating func writeSucceededInHealing(_ peer: Int) {
        guard let state = store.value?.state, let primary = index(of: state.primary),
            primary == peer,
            let sync = index(of: state.sync), peers[primary].postgres.senders[sync] != nil,
            peers[primary].postgres.generation == state.generation, state.handover == nil
        else { return }
        guard healedAt == nil else { return }
        healedAt = now
        tally.worstHealing = now - plan.healingBegins
        note("healed")
        add(.healingMustBeDone, after: Plan.watchAfterHealing)
    }

    mutating func judgeHealing() {
        if let healedAt {
            guard now >= healedAt + Plan.watchAfterHealing else { return }
            finish()
            return
        }
        let verdict = ShardVerdict(observation)
        self.verdict = verdict
        isOver = true
        if verdict.needsOperator != nil, truth.storeWentBack || truth.diskWasLost {
            tally.needingOperator = 1
            return
        }
        violate(
            .notHealed,
            "no write succeeded within \(Plan.healingBound); verdict: \(verdict)"
        )
    }

    private mutating func finish() {
        isOver = true
        let verdict = ShardVerdict(observation)
        self.verdict = verdict
        if let primary = index(of: store.value?.state.primary) {
            checkNewPrimary(primary)
        }
        if let handover = store.value?.state.handover {
            violate(.notHealed, "the handover to \(handover.to) is still there")
        }
        if verdict.service != .readWrite {
            violate(.wrongVerdict, "writes succeed, but the verdict is: \(verdict)")
        }
    }

    /// What an operator's tool would gather.
    package var observation: ShardObservation {
        var observed: [PeerID: ShardObservation.PeerStatus] = [:]
        for peer in peers.indices {
            let postgres = peers[peer].postgres
            observed[peers[peer].identity.id] = ShardObservation.PeerStatus(
                isRunning: postgres.server == .running,
                isInRecovery: postgres.isInRecovery,
                admitsClients: postgres.isInRecovery || postgres.isGateOpen,
                hasCompleteCopy: postgres.database?.isComplete == true,
                log: postgres.database.map { $0.log.sample(at: $0.log.flushed) },
                standbys: peers.indices.filter { postgres.senders[$0] != nil }
                    .map { peers[$0].identity.id },
                remembered: peers[peer].memory.adopted
            )
        }
        return ShardObservation(
            state: store.value,
            present: store.members.map { peers[$0].identity.id },
            peers: observed
        )
    }
}
