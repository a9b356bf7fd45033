import ManateeCore
import ManateePorts

/// A column of the peers table, by the name that `--columns` takes.
package enum PeerColumn: String, CaseIterable, Sendable {
    /// The whole name of the peer.
    case peername
    /// The beginning of the peer's name.
    case peerabbr
    /// The peer's role.
    case role
    /// The peer's address.
    case ip
    /// Whether the peer's postgres answers.
    case online = "pg-online"
    /// How the downstream's commits count.
    case replication = "pg-repl"
    /// The end of the log sent downstream.
    case sent = "pg-sent"
    /// The end of the log written downstream.
    case write = "pg-write"
    /// The end of the log flushed downstream.
    case flush = "pg-flush"
    /// The end of the log replayed downstream.
    case replay = "pg-replay"
    /// The age of the last commit that this peer replayed.
    case lag = "pg-lag"

    /// What `peers` shows unless told otherwise.
    package static let ofPeers: [PeerColumn] = [.role, .peername, .ip]
    /// What `pg-status` and `show` show unless told otherwise.
    package static let ofStatus: [PeerColumn] = [
        .role, .peerabbr, .online, .replication, .sent, .flush, .replay, .lag,
    ]
    /// What `pg-status --wide` shows unless told otherwise.
    package static let ofWideStatus: [PeerColumn] = [
        .role, .peername, .online, .replication, .sent, .flush, .replay, .lag,
    ]

    /// The column called `name`; `zonename` and `zoneabbr` are names of old.
    package init?(name: String) {
        switch name {
        case "zonename": self = .peername
        case "zoneabbr": self = .peerabbr
        default: self.init(rawValue: name)
        }
    }

    /// Whether the value comes from postgres rather than from the cluster state.
    package var needsPostgres: Bool {
        switch self {
        case .peername, .peerabbr, .role, .ip: false
        case .online, .replication, .sent, .write, .flush, .replay, .lag: true
        }
    }

    /// The column's place in a table.
    package var layout: Table.Column {
        switch self {
        case .peername: Table.Column("PEERNAME", width: 36)
        case .peerabbr: Table.Column("PEER", width: 8)
        case .role: Table.Column("ROLE", width: 8)
        case .ip: Table.Column("IP", width: 16)
        case .online: Table.Column("PG", width: 4)
        case .replication: Table.Column("REPL", width: 5)
        case .sent: Table.Column("SENT", width: 13)
        case .write: Table.Column("WRITE", width: 13)
        case .flush: Table.Column("FLUSH", width: 13)
        case .replay: Table.Column("REPLAY", width: 13)
        case .lag: Table.Column("LAG", width: 6)
        }
    }

    /// The value for one peer; `-` where there is none.
    package func value(of member: ClusterMember, in details: ClusterDetails) -> String {
        switch self {
        case .peername: member.peer.zoneID
        case .peerabbr: member.peer.label
        case .role: member.role.rawValue
        case .ip: member.peer.ip
        case .online: online(member.peer, in: details)
        case .replication: downstream(of: member.peer, in: details)?.syncState ?? "-"
        case .sent: position(downstream(of: member.peer, in: details)?.sent)
        case .write: position(downstream(of: member.peer, in: details)?.write)
        case .flush: position(downstream(of: member.peer, in: details)?.flush)
        case .replay: position(downstream(of: member.peer, in: details)?.replay)
        case .lag: lag(of: member, in: details)
        }
    }

    private func online(_ peer: Peer, in details: ClusterDetails) -> String {
        switch details.postgres[peer.id] {
        case .answered: "ok"
        case .failed: "fail"
        case nil: "-"
        }
    }

    private func downstream(of peer: Peer, in details: ClusterDetails) -> ReplicationRow? {
        details.downstreamRow(of: peer)
    }

    private func position(_ lsn: LSN?) -> String { lsn?.description ?? "-" }

    private func lag(of member: ClusterMember, in details: ClusterDetails) -> String {
        guard case .answered(let report) = details.postgres[member.peer.id],
            let lag = report.replayLag
        else { return "-" }
        return LagText(lag).text
    }
}
