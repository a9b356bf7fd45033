import ManateeCore

/// What a log of a history calls things.
enum Words {
    static func of(_ names: SimulatedPostgres.Names) -> String {
        switch names {
        case .nobody: "nobody"
        case .peer(let peer): PeerName.of(peer)
        case .fence: "the fence"
        }
    }

    static func of(_ state: ClusterState) -> String {
        func list(_ peers: [Peer]) -> String {
            peers.isEmpty ? "-" : peers.map(\.id.text).joined(separator: ",")
        }
        var words =
            """
            g\(state.generation) P \(state.primary) S \(state.sync.map(\.id.text) ?? "-") \
            A \(list(state.async)) D \(list(state.deposed)) w \(state.initWAL)
            """
        if let timeline = state.timeline { words += " T\(timeline)" }
        if let timeline = state.initTimeline { words += " t\(timeline)" }
        if state.freeze != nil { words += " frozen" }
        if state.oneNodeWriteMode { words += " one-node" }
        if state.promote != nil { words += " promote" }
        if let handover = state.handover {
            words += " handover to \(handover.to)\(handover.final.map { " at \($0)" } ?? "")"
        }
        return words
    }

    static func of(_ state: VersionedState?) -> String {
        state.map { "v\($0.version) \(of($0.state))" } ?? "no state"
    }

    static func of(_ memory: PeerMemory) -> String {
        let proposed = memory.proposed.map { "; proposed \(of($0))" } ?? ""
        return "\(of(memory.adopted))\(proposed)"
    }

    static func of(_ configuration: PostgresConfiguration) -> String {
        switch configuration {
        case .stopped: "stopped"
        case .primary(let part):
            "primary of generation \(part.generation), sync \(part.sync.map(\.id.text) ?? "-")"
        case .standby(let part):
            """
            standby of \(part.upstream), source \(part.source), successor \
            \(part.successor.map(\.id.text) ?? "-")\(part.mustStream ? ", must stream" : "")
            """
        }
    }

    static func of(_ word: PeerWord) -> String {
        func list(_ peers: [PeerID]) -> String { peers.map(\.text).joined(separator: ",") }
        let generation = word.generation.map { " g\($0)" } ?? ""
        return "\(word.postgres)\(generation) hears \(list(word.hears)) misses \(list(word.misses))"
    }

    static func of(_ event: PeerEvent) -> String {
        switch event {
        case .started(let memory, let inventory): "started: \(of(memory)); \(inventory)"
        case .storeConnected(let view):
            """
            store connected: \(of(view.state)); present \
            \(view.activePeers.map(\.id.text).joined(separator: ","))
            """
        case .storeDisconnected: "store disconnected"
        case .clusterStateChanged(let state): "state: \(of(state))"
        case .clusterStateUnreadable(let problem): "state unreadable: \(problem)"
        case .activePeersChanged(let peers):
            "present: \(peers.map(\.id.text).joined(separator: ","))"
        case .remembered(let attempt, let failure):
            "remembered \(attempt)\(failure.map { ": \($0)" } ?? "")"
        case .stateWritten(let attempt, let outcome): "written \(attempt): \(outcome)"
        case .stateRead(let attempt, .success(let state)): "read \(attempt): \(of(state))"
        case .stateRead(let attempt, .failure(let failure)): "read \(attempt): \(failure)"
        case .acknowledgementsStopped(let attempt, .success(let sample)):
            "acknowledgements stopped \(attempt): \(sample)"
        case .acknowledgementsStopped(let attempt, .failure(let failure)):
            "acknowledgements not stopped \(attempt): \(failure)"
        case .handoverPrepared(let attempt, let failure):
            "handover prepared \(attempt)\(failure.map { ": \($0)" } ?? "")"
        case .postgresConfigured(let attempt, .success): "configured \(attempt)"
        case .postgresConfigured(let attempt, .failure(let failure)):
            "not configured \(attempt): \(failure)"
        case .postgresLost(let seen): "postgres lost: \(seen)"
        case .postgresHung(let seen): "postgres hangs: \(seen)"
        case .postgresRestarting(let seen): "postgres restarts itself: \(seen)"
        case .postgresAnswers: "postgres answers"
        case .observed(let peer, .beat(let word)): "beat of \(peer): \(of(word))"
        case .observed(let peer, .streamLost): "the stream of \(peer) broke"
        case .observed(let peer, .knocked(let sitter, let postgres)):
            "knocked at \(peer): sitter \(sitter), postgres \(postgres)"
        case .writesOpened(let generation): "writes are open in generation \(generation)"
        case .syncHeard(let isHeard): isHeard ? "the sync speaks" : "the sync is silent"
        case .gateOrdered(let attempt, let failure):
            "gate \(attempt)\(failure.map { ": \($0)" } ?? "")"
        case .detectionChanged: "other limits of failure detection"
        case .timerFired(let timer): "timer \(timer.purpose) \(timer.attempt)"
        }
    }

    static func of(_ action: PeerAction) -> String {
        switch action {
        case .remember(let attempt, let memory): "-> remember \(attempt): \(of(memory))"
        case .writeState(let attempt, let state, let expected):
            """
            -> write \(attempt): \(of(state)) \
            \(expected.map { "if version \($0)" } ?? "if there is none")
            """
        case .readState(let attempt): "-> read \(attempt)"
        case .stopAcknowledgements(let attempt, .detachFromUpstream):
            "-> stop the receiver \(attempt)"
        case .stopAcknowledgements(let attempt, .fence(let peer?)):
            "-> fence \(peer) off \(attempt)"
        case .stopAcknowledgements(let attempt, .fence(nil)):
            "-> set the fence \(attempt)"
        case .stopAcknowledgements(let attempt, .shutDown): "-> stop in order \(attempt)"
        case .prepareHandover(let attempt, let sync):
            "-> prepare to hand over to \(sync) \(attempt)"
        case .configurePostgres(let attempt, let configuration):
            "-> configure \(attempt): \(of(configuration))"
        case .cancelConfiguration(let attempt): "-> cancel \(attempt)"
        case .orderGate(let attempt, let order): "-> gate \(order) \(attempt)"
        case .startTimer(let timer, let duration):
            "-> timer \(timer.purpose) \(timer.attempt) in \(SimulatedTime(duration))"
        case .watch(let peers): "-> watch \(peers.map(\.id.text).joined(separator: ","))"
        case .speak(let word): "-> say: \(of(word))"
        case .report(let reason): "** \(reason)"
        case .fail(let reason): "-> end: \(reason)"
        }
    }
}
