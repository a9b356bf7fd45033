package import ManateeCore
package import ManateePorts

/// Everything that is known about one cluster at one moment.
package struct ClusterDetails: Equatable, Sendable {
    /// The cluster state, as the store holds it.
    package var state: ClusterState
    /// What was seen of each peer's postgres; a peer that was not asked is absent.
    package var postgres: [PeerID: PostgresSighting]
    /// The peers whose sitters stand for election, in election order.
    package var present: [Peer]
    /// The peers that say that they lack room, with their words.
    package var shortages: [Peer: String]

    /// The cluster in `state`, seen like this.
    package init(
        state: ClusterState,
        postgres: [PeerID: PostgresSighting] = [:],
        present: [Peer] = [],
        shortages: [Peer: String] = [:]
    ) {
        self.state = state
        self.postgres = postgres
        self.present = present
        self.shortages = shortages
    }

    /// The peers whose sitters stand for election.
    package var active: Set<PeerID> { Set(present.map(\.id)) }

    /// The peers with their roles in the order of output: the chain, then the deposed.
    package var members: [ClusterMember] {
        let sync = state.sync.map { [$0] } ?? []
        return [ClusterMember(state.primary, .primary)]
            + sync.map { ClusterMember($0, .sync) }
            + state.async.map { ClusterMember($0, .async) }
            + state.deposed.map { ClusterMember($0, .deposed) }
    }

    /// The peer that should stream from `peer`; nil at the end of the chain and outside it.
    package func downstream(of peer: Peer) -> Peer? {
        let chain = state.chain
        guard let place = chain.firstIndex(of: peer), place + 1 < chain.count else { return nil }
        return chain[place + 1]
    }

    /// The replication row that `peer` shows for its downstream.
    ///
    /// A primary may have several rows, of base backups for example, so the one that names the
    /// expected downstream wins, then the one from its address, then the first.
    package func downstreamRow(of peer: Peer) -> ReplicationRow? {
        guard case .answered(let report) = postgres[peer.id] else { return nil }
        let rows = report.replication.filter { $0.isStandby }
        guard let expected = downstream(of: peer) else { return rows.first }
        return rows.first { identify($0) == expected }
            ?? rows.first { identify($0) == nil && $0.clientAddress == expected.ip }
            ?? rows.first
    }

    /// The peer that the row's application name stands for; nil if it names none of this cluster.
    ///
    /// A standby calls itself by its id; those of the original by their URL. Postgres cuts either
    /// at 63 bytes.
    package func identify(_ row: ReplicationRow) -> Peer? {
        guard let name = row.applicationName else { return nil }
        return members.map(\.peer).first { peer in
            [peer.id.text, peer.postgresURL, peer.zoneID].contains {
                $0.utf8.prefix(63).elementsEqual(name.utf8)
            }
        }
    }
}

/// A peer in its role.
package struct ClusterMember: Equatable, Sendable {
    /// The peer.
    package var peer: Peer
    /// What the cluster state makes of it.
    package var role: MemberRole

    /// `peer` as `role`.
    package init(_ peer: Peer, _ role: MemberRole) {
        self.peer = peer
        self.role = role
    }
}

/// What the cluster state makes of a peer, by the name that operators use.
package enum MemberRole: String, CaseIterable, Sendable {
    /// It acknowledges writes.
    case primary
    /// Every acknowledged write is on its disk too.
    case sync
    /// It replicates behind the sync.
    case async
    /// A former primary that must be reconciled first.
    case deposed
}

extension ReplicationRow {
    /// Whether the row is of a standby rather than of a base backup in progress.
    fileprivate var isStandby: Bool {
        state != nil && state != "backup" && applicationName != "pg_basebackup"
    }
}
