import ManateeCore

/// What the machine has asked for so far, by kind.
extension World {
    /// n1 is the sync of n2; n3 is the async.
    static let sync = """
        addpeer n2 n1 n3
        bootstrap n2 n1
        startPeer
        """
    /// n1 is the primary; n2 is its sync, n3 the async.
    static let primary = """
        addpeer n1 n2 n3
        bootstrap
        startPeer
        """

    /// The world after `setting` and then `script`; only what `script` led to is in `asked`.
    static func after(_ setting: String, _ script: String) throws -> World {
        var world = try World.after(setting)
        world.asked = []
        try world.execute(lines: script)
        return world
    }

    var written: [ClusterState] {
        asked.compactMap { if case .writeState(_, let state, _) = $0 { state } else { nil } }
    }

    var expected: [StateVersion?] {
        asked.compactMap { action -> StateVersion?? in
            if case .writeState(_, _, let expecting) = action { .some(expecting) } else { nil }
        }
    }

    var configured: [PostgresConfiguration] {
        asked.compactMap { if case .configurePostgres(_, let target) = $0 { target } else { nil } }
    }

    var stops: [AcknowledgementStop] {
        asked.compactMap { if case .stopAcknowledgements(_, let how) = $0 { how } else { nil } }
    }

    var reasons: [Reason] {
        asked.compactMap { if case .report(let reason) = $0 { reason } else { nil } }
    }

    var failure: FatalReason? {
        asked.compactMap { if case .fail(let reason) = $0 { reason } else { nil } }.last
    }

    /// Whom n1 was last asked to watch; nil if it was not.
    var watched: [Peer]? {
        asked.compactMap { if case .watch(let peers) = $0 { peers } else { nil } }.last
    }

    /// What n1 said last; nil if nothing.
    var spoken: PeerWord? {
        asked.compactMap { if case .speak(let word) = $0 { word } else { nil } }.last
    }

    var role: PeerRole? { machine?.view.role }

    /// The kinds of the actions, in order, without reports and timers.
    var kinds: [String] {
        asked.compactMap { action in
            switch action {
            case .remember(_, let memory): memory.proposed == nil ? nil : "remember"
            case .writeState: "write"
            case .readState: "read"
            case .stopAcknowledgements: "stop"
            case .prepareHandover: "prepare"
            case .configurePostgres: "configure"
            case .cancelConfiguration: "cancel"
            case .orderGate(_, let order): "\(order) gate"
            case .startTimer, .watch, .speak, .report: nil
            case .fail: "fail"
            }
        }
    }
}
