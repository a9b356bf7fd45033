import ManateeCore

/// What a stepping reader sees between two steps.
extension World {
    /// The store, every peer and every log at this moment, a line each.
    package var picture: String {
        var lines = ["store  \(Words.of(store.value))  present \(names(store.members))"]
        if store.outages > 0 { lines[0] += "  OUT OF REACH" }
        for peer in peers.indices { lines.append(line(peer)) }
        return lines.map { "    | \($0)" }.joined(separator: "\n")
    }

    private func names(_ peers: [Int]) -> String {
        peers.isEmpty ? "-" : peers.map(PeerName.of).joined(separator: ",")
    }

    private func line(_ peer: Int) -> String {
        let it = peers[peer]
        var words = [PeerName.of(peer), it.machine.map { $0.view.role.rawValue } ?? "down"]
        if it.sitterPausedUntil > now { words.append("paused") }
        words.append(it.link.isConnected ? "connected" : "without store")
        words.append("| postgres \(server(it.postgres))")
        if it.postgresPausedUntil > now { words.append("paused") }
        if let database = it.postgres.database {
            let log = database.log
            words.append(
                """
                t\(log.timeline) written \(LogCopy.position(log.count)) flushed \
                \(LogCopy.position(log.flushed)) replayed \(LogCopy.position(log.replayed))
                """
            )
            if !database.isComplete { words.append("INCOMPLETE") }
        } else {
            words.append("no database")
        }
        if it.postgres.isPrimary {
            words.append("released \(LogCopy.position(it.postgres.released))")
            words.append(it.postgres.isGateOpen ? "gate open" : "gate shut")
        }
        words.append("names \(Words.of(it.postgres.names))")
        if let upstream = it.postgres.receiver.upstream {
            words.append("from \(PeerName.of(upstream)) \(it.postgres.receiver.phase)")
        }
        return words.joined(separator: " ")
    }

    private func server(_ postgres: SimulatedPostgres) -> String {
        switch postgres.server {
        case .stopped: "stopped"
        case .starting: "starting"
        case .stopping: "stopping"
        case .running:
            postgres.isPromoting ? "promoting" : postgres.isInRecovery ? "standby" : "primary"
        }
    }
}
