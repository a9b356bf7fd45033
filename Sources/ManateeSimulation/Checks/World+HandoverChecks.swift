import ManateeCore

/// What must hold of a planned change of primary.
extension World {
    /// How long the primary may change in a history in which nothing goes wrong.
    private static let longestPause = SimulatedTime.seconds(6)

    /// A primary that has told where its log ends had stopped before, and the position is that.
    mutating func checkFinalPosition(_ peer: Int, _ old: ClusterState, _ new: ClusterState) {
        guard let final = new.finalPosition, old.finalPosition != final, !truth.diskWasLost else {
            return
        }
        let postgres = peers[peer].postgres
        guard old.primary == peers[peer].identity, postgres.server == .stopped,
            LogCopy.position(postgres.log.count) == final.lsn
        else {
            return violate(
                .handedOverRunning,
                "\(PeerName.of(peer)) wrote that the primary's log ends at \(final)"
            )
        }
    }

    /// Nobody runs as primary whose log, as the state has it, has ended.
    mutating func checkNotHandedOver(_ peer: Int) {
        guard let state = store.value?.state, let final = state.finalPosition,
            state.primary == peers[peer].identity, !truth.storeWentBack
        else { return }
        violate(
            .handedOverRunning,
            "\(PeerName.of(peer)) runs as primary, but has handed over at \(final)"
        )
    }

    /// Whoever is left out of the deposed has nothing that the new primary lacks, be it acknowledged or
    /// not; and whoever has nothing else is not deposed.
    mutating func checkHandover(_ peer: Int, _ old: ClusterState, _ new: ClusterState) {
        guard let primary = index(of: old.primary), !truth.storeWentBack, !truth.diskWasLost else {
            return
        }
        let (own, theirs) = (peers[peer].postgres.log, peers[primary].postgres.log)
        let holdsAll = own.flushed >= theirs.count && theirs.agrees(with: own, upTo: theirs.count)
        if new.deposed.contains(old.primary) {
            if old.finalPosition != nil, holdsAll {
                violate(.handoverDeposes, "\(PeerName.of(peer)) deposed who had handed over")
            }
            return
        }
        tally.handovers += 1
        if !holdsAll {
            violate(
                .handoverLoses,
                """
                \(PeerName.of(peer)) took over up to \(LogCopy.position(own.flushed)), but \
                \(PeerName.of(primary)), which is not deposed, has more
                """
            )
        }
    }

    /// In a history in which operators only ask for other places, nobody is deposed, and no write waits
    /// longer than a change takes.
    mutating func checkRequestsOnly() {
        guard plan.isRequestsOnly, now > .seconds(5), tally.acknowledged > 0 else { return }
        defer { lastAcknowledged = now }
        if let lastAcknowledged, now - lastAcknowledged > World.longestPause {
            violate(.handoverPause, "no write succeeded between \(lastAcknowledged) and now")
        }
        if store.value?.state.deposed.isEmpty == false {
            violate(.handoverDeposes, "somebody is deposed, though nothing went wrong")
        }
    }
}
