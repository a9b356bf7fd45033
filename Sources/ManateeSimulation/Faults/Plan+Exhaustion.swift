/// Plans for exhaustive exploration: nothing hits by itself, everything can.
extension Plan {
    /// When an exhaustively explored shard is at rest, and faults may begin.
    static let restBegins = SimulatedTime.seconds(10)
    /// When no more faults come and the shard must heal.
    static let restEnds = SimulatedTime.seconds(22)

    /// Three peers, one client, and the catalogue of faults, none of which hits by itself.
    static var exhaustive: Plan {
        var plan = Plan(seed: 0)
        plan.peers = 3
        plan.clients = 1
        plan.sessionTimeout = .milliseconds(1500)
        plan.postgresSurvivesSitter = true
        plan.staleReadLimit = .seconds(3)
        plan.latestNames = .milliseconds(40)
        plan.healingBegins = restEnds
        plan.faults = []
        for peer in 0..<plan.peers {
            let target = Fault.Target.peer(peer)
            let kinds: [(Fault.Kind, SimulatedTime)] = [
                (.kill, .seconds(3)), (.killPostgres, .zero), (.killSitter, .milliseconds(700)),
                (.powerLoss, .seconds(4)), (.cutStore, .seconds(4)), (.expireSession, .zero),
                (.pauseSitter, .seconds(3)), (.pausePostgres, .seconds(2)), (.isolate, .seconds(4)),
                (.stop, .seconds(3)), (.loseReplies, .seconds(3)), (.slowRequests, .seconds(3)),
                (.slowMemory, .seconds(4)), (.fillDisk, .seconds(4)), (.requestSync, .seconds(8)),
            ].filter { $0.0 != .requestSync || peer == 0 }
            for (kind, span) in kinds {
                plan.faults.append(Fault(at: .seconds(1_000_000), kind, target, for: span))
            }
        }
        return plan
    }
}
