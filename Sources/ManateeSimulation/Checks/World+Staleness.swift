import ManateeCore

/// How old what readers see may be.
extension World {
    /// A client reads on a primary: measures by how much it misses the newest acknowledged writes.
    ///
    /// The age of what is read counts from the first acknowledgement in a later generation.
    mutating func checkStaleness(_ peer: Int) {
        guard !truth.storeWentBack, let generation = peers[peer].postgres.generation,
            let later = truth.firstAcknowledged.first(where: { $0.generation > generation })
        else { return }
        let age = now - later.time
        tally.staleReads += 1
        tally.worstStaleness = max(tally.worstStaleness, age)
        guard let able = ableToShutGate(peer) else { return }
        let counted = now - max(later.time, able)
        tally.worstBoundedStaleness = max(tally.worstBoundedStaleness, counted)
        let bound = stalenessBound
        guard counted > bound else { return }
        violate(
            .staleRead,
            """
            \(PeerName.of(peer)) serves reads of generation \(generation), \(counted) after a later \
            one acknowledged; the bound is \(bound)
            """
        )
    }

    /// The limit by the slowest clock, the later of the two moments at which store and sync are
    /// missed, and the time that the gate takes.
    private var stalenessBound: SimulatedTime {
        let limit = SimulatedTime(microseconds: plan.staleReadLimit.microseconds * 20 / 19)
        let store = SimulatedTime(microseconds: plan.sessionTimeout.microseconds * 2 / 3)
        let sync = World.syncPatience + .seconds(1)
        return limit + max(store, sync) + .seconds(1)
    }

    /// Since when the sitter has been able to shut the gate; nil if it is not.
    ///
    /// What it cannot do, the documentation excludes: a sitter that is dead or stands still shuts
    /// nothing, nor does one whose postgres does not do what it is asked for.
    private func ableToShutGate(_ peer: Int) -> SimulatedTime? {
        let it = peers[peer]
        guard it.machine != nil, it.sitterPausedUntil <= now, it.postgresPausedUntil <= now,
            !isOpen(.failPostgres, peer), !isOpen(.slowPostgres, peer)
        else { return nil }
        return [it.startedAt, it.sitterPausedUntil, it.postgresPausedUntil, it.hinderedUntil].max()
    }
}
