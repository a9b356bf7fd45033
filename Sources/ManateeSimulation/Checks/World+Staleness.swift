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
        guard let (since, bound) = staleness(peer) else { return }
        let counted = now - max(later.time, since)
        tally.worstBoundedStaleness = max(tally.worstBoundedStaleness, counted)
        guard counted > bound else { return }
        violate(
            .staleRead,
            """
            \(PeerName.of(peer)) serves reads of generation \(generation), \(counted) after a later \
            one acknowledged; the bound is \(bound)
            """
        )
    }

    /// Since when somebody has been able to end what readers see, and how long that may take; nil if
    /// nobody is.
    ///
    /// The sitter shuts the gate; it cannot while postgres does not do what it is asked for. The guard
    /// stops the postgres of a sitter that is dead or stands still, and nothing but a postgres that
    /// stands still itself keeps it from that.
    private func staleness(_ peer: Int) -> (since: SimulatedTime, bound: SimulatedTime)? {
        let it = peers[peer]
        guard it.postgresPausedUntil <= now else { return nil }
        if isUnattended(peer) {
            guard let since = it.unattendedSince else { return nil }
            return (max(since, it.postgresPausedUntil), guardLimit + .seconds(1))
        }
        guard !isOpen(.failPostgres, peer), !isOpen(.slowPostgres, peer) else { return nil }
        let able = max(it.clock.startedAt, it.sitterPausedUntil)
        return (max(able, max(it.postgresPausedUntil, it.hinderedUntil)), gateBound)
    }

    /// The limit by the slowest clock, the later of the two moments at which store and sync are
    /// missed, and the time that the gate takes.
    private var gateBound: SimulatedTime {
        let limit = SimulatedTime(microseconds: plan.staleReadLimit.microseconds * 20 / 19)
        let store = SimulatedTime(microseconds: plan.sessionTimeout.microseconds * 2 / 3)
        let sync = World.syncPatience + .seconds(1)
        return limit + max(store, sync) + .seconds(1)
    }
}
