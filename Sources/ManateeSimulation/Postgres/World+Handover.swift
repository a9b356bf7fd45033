import ManateeCore

/// A primary that gives its place up: it prepares, and it stops so that nothing is left behind.
extension World {
    /// How many records the sync may lack when the primary is to stop.
    private static let longestLag = 40

    /// Looks at the sync, and takes the time of a checkpoint; nothing changes.
    mutating func prepareHandover(_ peer: Int, _ attempt: Attempt, to sync: Peer) {
        let postgres = peers[peer].postgres
        let sender = index(of: sync).flatMap { postgres.senders[$0] }
        var failure: PostgresFailure?
        if !postgres.isPrimary {
            failure = PostgresFailure(.other, "postgres is not a primary")
        } else if postgres.log.count - (sender?.confirmed ?? .min / 2) > World.longestLag {
            failure = PostgresFailure(.other, "the sync does not keep up")
        }
        add(
            .sitterHears(
                peer: peer,
                process: peers[peer].process,
                .handoverPrepared(attempt, failure)
            ),
            after: effort(peer, 2, 300)
        )
    }

    mutating func pursueShutDown(_ peer: Int, _ operation: SimulatedPostgres.Operation) {
        let postgres = peers[peer].postgres
        guard operation.phase == .ending else {
            guard postgres.isPrimary else {
                return fail(peer, .other, "postgres is not a primary")
            }
            if plan.mutation == .finalTooEarly {
                sampled(peer, postgres.log.flushed)
                return stopServer(peer)
            }
            peers[peer].postgres.operation?.phase = .ending
            peers[peer].postgres.operation?.deadline = now + .seconds(4)
            return stopServer(peer)
        }
        guard postgres.server == .stopped else { return }
        guard operation.isShipped else {
            return fail(peer, .other, "postgres did not stop in order")
        }
        sampled(peer, postgres.log.count)
    }

    /// Whether a server that stops in order waits for a standby that is connected to take the rest.
    ///
    /// It waits no longer than its sitter does.
    mutating func isShipping(_ peer: Int) -> Bool {
        guard let operation = peers[peer].postgres.operation, operation.phase == .ending else {
            return false
        }
        let postgres = peers[peer].postgres
        let isShipped = postgres.senders.allSatisfy { sender in
            sender.map { $0.confirmed >= postgres.log.count } ?? true
        }
        peers[peer].postgres.operation?.isShipped = isShipped
        if !isShipped { sendToAll(peer) }
        return !isShipped && now < operation.deadline
    }
}
