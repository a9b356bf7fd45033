import ManateeCore

/// The guard beside postgres: it stops one that nobody is in charge of.
extension World {
    /// The sitter is dead, or stands still while the rest of its machine does not.
    mutating func leaveUnattended(_ peer: Int) {
        peers[peer].unattendedSince = now
        add(.guardIsDue(peer: peer, since: now), after: guardLimit)
    }

    /// How long postgres may run alone.
    var guardLimit: SimulatedTime { plan.sessionTimeout }

    mutating func guardIsDue(_ peer: Int, _ since: SimulatedTime) {
        guard peers[peer].unattendedSince == since, isUnattended(peer),
            plan.mutation != .noGuard
        else { return }
        crashPostgres(peer, losingUnflushed: false)
    }

    /// Whether no sitter runs, or it stands still.
    func isUnattended(_ peer: Int) -> Bool {
        !peers[peer].isUp || peers[peer].sitterPausedUntil > now
    }
}
