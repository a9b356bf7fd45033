import ManateeCore

/// What bounds reads from the past: the watch over the sync's word, and the hold on the gate.
extension World {
    /// How often a primary's sitter looks for the word of its sync.
    private static let look = SimulatedTime.milliseconds(500)
    /// For how long the sync may be silent before that is told.
    static let syncPatience = SimulatedTime.seconds(3)

    mutating func watchSync(_ peer: Int, _ process: Int) {
        guard peers[peer].process == process, peers[peer].isUp else { return }
        add(.syncIsWatched(peer: peer, process: process), after: World.look)
        if hearsSync(peer) {
            noteSyncHeard(peer)
        } else if !peers[peer].postgres.isPrimary
            || now - peers[peer].postgres.syncHeardAt > World.syncPatience
        {
            tellSync(peer, isHeard: false)
        }
    }

    /// Takes note of a word of the sync.
    mutating func noteSyncHeard(_ peer: Int) {
        peers[peer].postgres.syncHeardAt = now
        tellSync(peer, isHeard: true)
    }

    /// Whether the standby that would be believed has sent something just now.
    private func hearsSync(_ peer: Int) -> Bool {
        let postgres = peers[peer].postgres
        guard postgres.isPrimary, peers[peer].postgresPausedUntil <= now else { return false }
        return peers.indices.contains { standby in
            guard let sender = postgres.senders[standby], sender.names == .peer(standby),
                peers[standby].postgresPausedUntil <= now
            else { return false }
            let receiver = peers[standby].postgres.receiver
            return receiver.phase == .streaming && receiver.upstream == peer
                && receiver.connection == sender.connection
                && network.reaches(from: standby, to: peer)
        }
    }

    private mutating func tellSync(_ peer: Int, isHeard: Bool) {
        guard peers[peer].postgres.isSyncHeard != isHeard else { return }
        peers[peer].postgres.isSyncHeard = isHeard
        add(
            .sitterHears(peer: peer, process: peers[peer].process, .syncHeard(isHeard)),
            after: .milliseconds(1)
        )
    }

    // MARK: The hold

    mutating func orderGate(_ peer: Int, _ attempt: Attempt, _ order: GateOrder) {
        let isSlow = isOpen(.slowPostgres, peer)
        add(
            .gateIsOrdered(peer: peer, process: peers[peer].process, attempt, order),
            after: isSlow ? .milliseconds(800) : .milliseconds(100)
        )
    }

    mutating func gateIsOrdered(
        _ peer: Int,
        _ process: Int,
        _ attempt: Attempt,
        _ order: GateOrder
    ) {
        guard peers[peer].process == process, peers[peer].isUp else { return }
        var failure: PostgresFailure?
        switch order {
        case .shut:
            if plan.mutation != .keepGateOpen { peers[peer].postgres.isGateHeld = true }
            if isOpen(.failPostgres, peer) {
                failure = PostgresFailure(.other, "postgres does not do what it is asked for")
            } else if peers[peer].postgres.isGateHeld, peers[peer].postgres.isPrimary {
                sendClientsAway(peer)
            }
        case .release:
            peers[peer].postgres.isGateHeld = false
            watchGate(peer)
        }
        tell(peer, .gateOrdered(attempt, failure))
    }

    /// Ends the sessions of all clients; what they waited for is visible to whoever is admitted next.
    mutating func sendClientsAway(_ peer: Int) {
        note(peer, "sends all clients away")
        peers[peer].postgres.isGateOpen = false
        peers[peer].postgres.hasStandingSessions = false
        peers[peer].postgres.owesWritesOpened = true
        let end = peers[peer].postgres.log.count
        if !peers[peer].postgres.waiters.isEmpty { peers[peer].postgres.visible = end }
        peers[peer].postgres.gateNeeds = end
        breakOffWaiters(peer)
    }
}
