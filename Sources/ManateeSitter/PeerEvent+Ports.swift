import ManateeCore
import ManateePorts

extension PeerEvent {
    /// What the store tells, as the machine hears it.
    init(_ event: StoreEvent) {
        switch event {
        case .connected(let view): self = .storeConnected(view)
        case .disconnected: self = .storeDisconnected
        case .state(let state): self = .clusterStateChanged(state)
        case .stateUnreadable(let detail): self = .clusterStateUnreadable(detail)
        case .activePeers(let peers): self = .activePeersChanged(peers)
        }
    }

    /// What is seen of another peer, as the machine hears it.
    init(_ event: HeartbeatEvent) {
        self = .observed(event.peer, event.observation)
    }

    /// What postgres tells, as the machine hears it; nil for what it need not hear.
    init?(_ event: PostgresEvent) {
        switch event {
        case .lost(let detail): self = .postgresLost(detail)
        case .hung(let detail): self = .postgresHung(detail)
        case .restarting(let detail): self = .postgresRestarting(detail)
        case .answers: self = .postgresAnswers
        case .writesOpened(let generation): self = .writesOpened(generation)
        case .attached: return nil
        case .syncHeard(let isHeard): self = .syncHeard(isHeard)
        }
    }
}
