import ManateeCore
import ManateePorts

/// Answers a load balancer's questions from what the sitter knows already.
struct PeerHealth {
    let view: PeerView
    let postgres: PostgresStatus

    /// Whether the answer to `question` is yes.
    func answers(_ question: HealthQuestion, within limits: HealthLimits) -> Bool {
        switch question {
        case .primary, .leader: isPrimary
        case .standbyLeader, .quorum: false
        case .replica: isReplica(limits)
        case .readOnly: isPrimary && !limits.demandsTag || isReplica(limits)
        case .sync: view.role == .sync && isReplica(limits)
        case .readOnlySync:
            isPrimary && !limits.demandsTag || view.role == .sync && isReplica(limits)
        case .readOnlyQuorum: isPrimary && !limits.demandsTag
        case .async: view.role == .async && isReplica(limits)
        case .health: isWell && !limits.demandsTag
        case .liveness: true
        case .readiness: isPrimary || isReady(limits)
        }
    }

    /// Whether postgres runs, and said so when it was last asked.
    var isWell: Bool { postgres.running && postgres.healthy == true }

    /// Whether commits are acknowledged here.
    ///
    /// A sitter that has lost the store cannot know whether it was replaced; but whoever replaced it took
    /// the sync along, and without the sync nothing is acknowledged.
    var isPrimary: Bool {
        guard view.role == .primary, isWell, postgres.gateOpen, let generation = view.generation,
            view.writesOpen == generation
        else { return false }
        return view.storeConnected || hasSync
    }

    /// Whether commits that wait for the sync are acknowledged by it.
    private var hasSync: Bool {
        guard let state = view.state?.state else { return false }
        guard let sync = state.sync else { return state.oneNodeWriteMode }
        return postgres.replication?.downstreams.contains {
            sync.isNamed($0.applicationName) && $0.state == "streaming"
        } ?? false
    }

    /// Whether this is a standby that serves reads.
    var isServingStandby: Bool {
        (view.role == .sync || view.role == .async) && isWell && postgres.gateOpen
            && postgres.replication?.isInRecovery != false
    }

    private func isReplica(_ limits: HealthLimits) -> Bool {
        guard isServingStandby, !limits.demandsTag else { return false }
        if let wanted = limits.replicationState, wanted != replicationState { return false }
        guard let limit = limits.lag else { return true }
        return lag(limits.mode).map { $0 <= limit } ?? false
    }

    private func isReady(_ limits: HealthLimits) -> Bool {
        guard isServingStandby, postgres.replication?.isStreaming == true else { return false }
        return lag(limits.mode).map { $0 <= limits.lag ?? HealthLimits.readyLag } ?? false
    }

    /// What a standby's replication is doing, in Patroni's words; nil on a primary.
    var replicationState: String? {
        guard let replication = postgres.replication, replication.isInRecovery else { return nil }
        return replication.isStreaming ? "streaming" : nil
    }

    /// How far a standby is behind what its upstream told, in bytes; nil if that is not known.
    func lag(_ mode: HealthLimits.Mode) -> UInt64? {
        guard let replication = postgres.replication, replication.isInRecovery,
            let end = replication.upstreamEnd
        else { return nil }
        switch mode {
        case .apply: return replication.replayed.map { end.ahead(of: $0) }
        case .write: return postgres.position.map { end.ahead(of: $0.lsn) }
        }
    }
}

extension Peer {
    /// Whether a standby that calls itself `name` is this peer.
    ///
    /// Ours go by their id, those of the original by their URL or zone. Postgres cuts names at 63 bytes.
    func isNamed(_ name: String?) -> Bool {
        guard let name else { return false }
        return [id.text, postgresURL, zoneID].contains {
            $0.utf8.prefix(63).elementsEqual(name.utf8)
        }
    }
}
