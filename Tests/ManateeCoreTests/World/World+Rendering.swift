import ManateeCore

/// The world in an operator's words.
extension World {
    mutating func note(_ line: String) {
        output.append("    \(line)")
    }

    func rendered(_ action: PeerAction) -> [String] {
        switch action {
        case .remember(_, let memory):
            return ["  remember \(rendered(memory))"]
        case .writeState(_, let state, let expecting):
            let condition = expecting.map { "if version \($0)" } ?? "if there is none"
            return ["  write \(rendered(state)) \(condition)"]
        case .readState:
            return ["  read the state"]
        case .stopAcknowledgements(_, .detachFromUpstream):
            return ["  stop the WAL receiver and sample the log"]
        case .stopAcknowledgements(_, .fence(let sync?)):
            return ["  fence off \(sync) and sample the log"]
        case .stopAcknowledgements(_, .fence(nil)):
            return ["  set the fence and sample the log"]
        case .stopAcknowledgements(_, .shutDown):
            return ["  stop postgres in order and sample the log"]
        case .prepareHandover(_, let sync):
            return ["  see that \(sync) keeps up, and write a checkpoint"]
        case .configurePostgres(_, let target):
            return ["  postgres: \(rendered(target))"]
        case .cancelConfiguration:
            return ["  give up the configuration under way"]
        case .orderGate(_, .shut):
            return ["  shut the gate and end the sessions of clients"]
        case .orderGate(_, .release):
            return ["  release the gate"]
        case .startTimer(let timer, let duration):
            switch timer.purpose {
            case .storeGrace, .look, .standAside: return []
            case .backOff, .postgresRetry: return ["  try again in \(rendered(duration))"]
            case .staleReads: return []
            case .requestExpiry:
                return ["  look at the request again in \(rendered(duration))"]
            case .handover:
                return ["  take the handover back in \(rendered(duration))"]
            }
        case .watch:
            return []
        case .speak(let word):
            return rendered(word)
        case .report(let reason):
            return ["\(reason)"]
        case .fail(let reason):
            return ["END OF PROCESS: \(reason)"]
        }
    }

    func rendered(_ shown: VersionedState?) -> String {
        shown.map { "version \($0.version): \(rendered($0.state))" } ?? "no state"
    }

    func rendered(_ state: ClusterState) -> String {
        var words = [
            "generation \(state.generation):",
            "primary=\(state.primary)",
            "sync=\(state.sync?.description ?? "-")",
            "async=\(list(state.async))",
            "deposed=\(list(state.deposed))",
            "start=\(state.start?.description ?? state.initWAL.description)",
        ]
        if let freeze = state.freeze { words.append("frozen(\(freeze.reason ?? ""))") }
        if state.oneNodeWriteMode { words.append("one-node-write") }
        if state.promote != nil { words.append("promote") }
        if let handover = state.handover {
            let final = handover.final.map { " at \($0)" } ?? ""
            words.append("handover(\(handover.from) to \(handover.to)\(final))")
        }
        for name in state.unknownFields.keys.sorted() { words.append("+\(name)") }
        return words.joined(separator: " ")
    }

    func rendered(_ configuration: PostgresConfiguration) -> String {
        switch configuration {
        case .stopped:
            return "stopped"
        case .primary(let primary):
            let sync = primary.sync.map { "waits for \($0)" } ?? "waits for nobody"
            return "primary of generation \(primary.generation), \(sync)"
        case .standby(let standby):
            var words = "standby behind \(standby.upstream)"
            words += ", successor \(standby.successor?.description ?? "fenced")"
            if standby.source != standby.upstream { words += ", copies from \(standby.source)" }
            if standby.mustStream { words += ", must be seen to stream" }
            return words
        }
    }

    private func rendered(_ memory: PeerMemory) -> String {
        var words: [String] = []
        if let adopted = memory.adopted {
            words.append("generation \(adopted.state.generation) at version \(adopted.version)")
        }
        if let proposed = memory.proposed {
            words.append("the proposal of generation \(proposed.generation)")
        }
        if memory.systemIdentifier != nil { words.append("the database") }
        return words.isEmpty ? "nothing" : words.joined(separator: ", ")
    }

    private func rendered(_ duration: Duration) -> String {
        "\(duration.components.seconds) s"
    }

    private func list(_ peers: [Peer]) -> String {
        peers.isEmpty ? "-" : peers.map(\.description).joined(separator: ",")
    }

    /// What an operator would see now.
    func summary() -> [String] {
        var lines = ["store: \(rendered(stored))", "present: \(list(activePeers))"]
        guard let view = machine?.view else { return lines + ["n1: not running"] }
        let generation = view.generation.map { " in generation \($0)" } ?? ""
        lines.append("n1: \(view.role.rawValue)\(generation), postgres \(rendered(running))")
        if !view.pending.isEmpty {
            lines.append("pending: \(view.pending.map(\.rawValue).joined(separator: ", "))")
        }
        for reason in view.reasons where reason.subject != .role {
            lines.append("because: \(reason)")
        }
        return lines
    }
}
