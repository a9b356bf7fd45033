import ManateeCore
import ManateePorts

/// The peers of a shard with what one of them knows of each.
struct ShardMembers {
    /// One peer.
    struct Member: Equatable {
        var peer: Peer
        var role: PeerRole
        /// Whether it is the peer that tells.
        var isSelf: Bool
        /// Whether it stands for election.
        var isPresent: Bool
        /// What its postgres does, as far as known: `running`, `streaming`, `catchup`, `starting`, `stopped`,
        /// `unreachable` or `unknown`.
        var state: String
        /// The end of its log.
        var received: LSN?
        /// Up to where a standby has replayed.
        var replayed: LSN?
        var timeline: TimelineID?
        /// How far a standby is behind the primary, in bytes.
        var lag: UInt64?
        /// The age of the last commit that a standby replayed.
        var replayAge: Duration?
    }

    /// Primary, sync and asyncs in the order of replication, then the deposed, then those without a place.
    let list: [Member]

    /// The members as `snapshot` and, where it is known, `picture` show them.
    init(_ snapshot: StatusSnapshot, _ picture: ShardPicture?) {
        let view = snapshot.view
        guard let state = view.state?.state else {
            list = view.activePeers.map { peer in
                Self.member(peer, .unassigned, snapshot, picture, row: nil)
            }
            return
        }
        let chain = state.chain
        let placed = chain + state.deposed
        let others = view.activePeers.filter { !placed.contains($0) }
        let rows = Self.rows(snapshot, picture)
        var members = (placed + others).map { peer in
            let row = rows.first { peer.isNamed($0.applicationName) }
            return Self.member(peer, state.role(of: peer.id), snapshot, picture, row: row)
        }
        // The primary's own word if it is known, else how far it has sent.
        if let primary = members.firstIndex(where: { $0.role == .primary }) {
            if members[primary].received == nil {
                members[primary].received = rows.compactMap(\.sent).max()
            }
            for index in members.indices where index != primary {
                let end = members[primary].received ?? members[index].received
                members[index].lag = members[index].lag(behind: end)
            }
        }
        list = members
    }

    /// Everything that is known of who streams from whom.
    private static func rows(
        _ snapshot: StatusSnapshot,
        _ picture: ShardPicture?
    ) -> [ReplicationRow] {
        let own = snapshot.postgres.replication?.downstreams ?? []
        let others = picture?.postgres.values.flatMap { sighting -> [ReplicationRow] in
            switch sighting {
            case .answered(let report): report.replication
            case .failed: []
            }
        }
        return own + (others ?? [])
    }

    private static func member(
        _ peer: Peer,
        _ role: PeerRole,
        _ snapshot: StatusSnapshot,
        _ picture: ShardPicture?,
        row: ReplicationRow?
    ) -> Member {
        var member = Member(
            peer: peer,
            role: role,
            isSelf: peer.id == snapshot.view.id,
            isPresent: snapshot.view.activePeers.contains(peer),
            state: "unknown",
            received: row?.flush,
            replayed: row?.replay
        )
        if member.isSelf {
            member.tell(snapshot)
            return member
        }
        switch picture?.postgres[peer.id] {
        case .answered(let report):
            member.replayAge = report.replayLag
            member.state = role == .primary ? "running" : row?.state ?? "running"
        case .failed: member.state = "unreachable"
        case nil: member.state = row?.state ?? "unknown"
        }
        return member
    }
}

extension ShardMembers.Member {
    /// Takes the peer's own word for everything.
    fileprivate mutating func tell(_ snapshot: StatusSnapshot) {
        let postgres = snapshot.postgres
        let health = PeerHealth(view: snapshot.view, postgres: postgres)
        if health.isWell {
            state = health.replicationState ?? "running"
        } else {
            state =
                snapshot.view.pending.contains(.postgresTransition)
                ? "starting" : postgres.running ? "starting" : "stopped"
        }
        received = postgres.position?.lsn ?? received
        timeline = postgres.position?.timeline
        replayed = postgres.replication?.replayed ?? replayed
        replayAge = postgres.replication?.replayAge
    }

    fileprivate func lag(behind end: LSN?) -> UInt64? {
        guard let end, let own = replayed ?? received else { return nil }
        return end.ahead(of: own)
    }

    /// The name that operators know the peer by.
    var name: String { peer.zoneID }
}
