import ManateeCore

/// What happened, in as few words as an arrow of a diagram can carry.
enum EventWords {
    /// Where the store speaks, the words that a longer list of them is shortened to.
    static let store: Set<String> = [
        "store connected", "state", "state unreadable", "peers", "read",
    ]

    static func of(_ event: PeerEvent) -> String {
        switch event {
        case .started: "start"
        case .storeConnected: "store connected"
        case .storeDisconnected: "store lost"
        case .clusterStateChanged: "state"
        case .clusterStateUnreadable: "state unreadable"
        case .activePeersChanged: "peers"
        case .remembered(_, nil): "memory durable"
        case .remembered(_, .some): "memory not durable"
        case .stateWritten(_, .written): "written"
        case .stateWritten(_, .conflict): "conflict"
        case .stateWritten(_, .failed): "not written"
        case .stateWritten(_, .unknown): "reply lost"
        case .stateRead(_, .success): "read"
        case .stateRead(_, .failure): "not read"
        case .acknowledgementsStopped(_, .success): "log sampled"
        case .acknowledgementsStopped(_, .failure): "not stopped"
        case .handoverPrepared(_, nil): "prepared"
        case .handoverPrepared(_, .some): "not prepared"
        case .postgresConfigured(_, .success): "configured"
        case .postgresConfigured(_, .failure): "not configured"
        case .postgresLost: "postgres lost"
        case .postgresHung: "postgres hangs"
        case .postgresRestarting: "postgres restarts"
        case .postgresAnswers: "postgres answers"
        case .observed(_, .beat): "beat"
        case .observed(_, .streamLost): "beats lost"
        case .observed(_, .knocked): "knock"
        case .writesOpened: "writes open"
        case .syncHeard(true): "sync heard"
        case .syncHeard(false): "sync silent"
        case .gateOrdered(_, nil): "done"
        case .gateOrdered(_, .some): "not done"
        case .detectionChanged: "other limits"
        case .timerFired(let timer): of(timer.purpose)
        }
    }

    private static func of(_ purpose: PeerTimer.Purpose) -> String {
        switch purpose {
        case .backOff: "back-off over"
        case .postgresRetry: "retry due"
        case .storeGrace: "grace over"
        case .requestExpiry: "request over"
        case .handover: "handover over"
        case .staleReads: "limit over"
        case .look: "look"
        case .standAside: "wait over"
        }
    }

    /// The words on one arrow; many are summed up.
    static func label(_ words: Set<String>) -> String {
        let most = 3
        var words = words
        if words.count > most, !words.isDisjoint(with: store) {
            words.subtract(store)
            words.insert("the store's word")
        }
        return words.count > most ? "many events" : words.sorted().joined(separator: ", ")
    }
}
