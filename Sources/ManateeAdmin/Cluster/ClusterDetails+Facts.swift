import ManateeCore
import ManateePorts

extension ClusterDetails {
    /// What an onlooker knows, for an explanation; the state's version has no part in it.
    func facts(at time: WallTime) -> ShardFacts {
        var facts = ShardFacts(
            state: VersionedState(state, version: StateVersion(0)),
            present: present.filter { shortages[$0] == nil },
            time: time
        )
        for member in members { facts.peers[member.peer.id] = knowledge(of: member) }
        for (peer, words) in shortages { facts.peers[peer.id, default: .init()].shortage = words }
        return facts
    }

    private func knowledge(of member: ClusterMember) -> ShardFacts.PeerFacts {
        let row = rowOfUpstream(of: member.peer)
        switch postgres[member.peer.id] {
        case .answered(let report):
            let isStreaming = row?.state == "streaming"
            return ShardFacts.PeerFacts(
                // A deposed peer is where it should be once it streams.
                postgres: member.role == .deposed && !isStreaming ? .unknown : .asAsked,
                log: report.log ?? row?.flush,
                timeline: report.timeline
            )
        case .failed(let cause):
            // That nobody answers a deposed peer's port is how it should be while it is reconciled.
            return ShardFacts.PeerFacts(
                postgres: member.role == .deposed ? .unknown : .lost(cause),
                log: row?.flush
            )
        case nil:
            return ShardFacts.PeerFacts(log: row?.flush)
        }
    }

    /// The row that another peer shows for `peer`.
    private func rowOfUpstream(of peer: Peer) -> ReplicationRow? {
        for member in members where member.peer != peer {
            guard case .answered(let report)? = postgres[member.peer.id] else { continue }
            if let row = report.replication.first(where: { identify($0) == peer }) { return row }
        }
        return nil
    }
}
