import ManateeCore
import ManateePorts
import ManateeWire

/// What `top` shows: the peers with their positions, and how fast these move.
struct TopReport: Sendable {
    /// A cluster and when it was seen.
    struct Sample: Sendable {
        var details: ClusterDetails
        /// Since 1970.
        var milliseconds: Int64
    }

    /// The shard's name.
    let shard: String
    /// What is shown.
    let sample: Sample
    /// What was seen before, for the rates; nil shows none.
    let previous: Sample?

    private var details: ClusterDetails { sample.details }

    /// A line on the cluster, the table, and what is wrong.
    func text(_ paint: Paint) -> String {
        let state = details.state
        let time = Timestamp(milliseconds: sample.milliseconds).text
        let frozen = state.freeze == nil ? "" : "  " + paint("frozen", .doubtful)
        let mode = state.oneNodeWriteMode ? "  " + paint("one-node-write mode", .doubtful) : ""
        let head = "\(shard)  generation \(state.generation)  \(time)\(frozen)\(mode)\n\n"
        let issues = ClusterVerdict(details).issues.map { $0.line(paint) + "\n" }.joined()
        return head + Table(columns: Self.columns, rows: details.members.map(row)).text()
            + (issues.isEmpty ? "" : "\n" + issues)
    }

    /// One line of JSON.
    var json: String {
        let peers = details.members.map { member in
            JSONValue.object([
                "id": .string(member.peer.id.text),
                "peername": .string(member.peer.zoneID),
                "role": .string(member.role.rawValue),
                "online": .boolean(report(member.peer, in: details) != nil),
                "log": log(member.peer, in: details).map { .string($0.description) } ?? .null,
                "behindBytes": behind(member).map { .integer(Int64(clamping: $0)) } ?? .null,
                "bytesPerSecond": rate(member.peer).map { .integer($0) } ?? .null,
                "lagSeconds": lag(member.peer).map { .integer(LagText($0).seconds) } ?? .null,
            ])
        }
        let issues = ClusterVerdict(details).issues.map { JSONValue.string($0.line) }
        return JSONText.text(
            .object([
                "cluster": .string(shard),
                "generation": .integer(Int64(details.state.generation.number)),
                "time": .string(Timestamp(milliseconds: sample.milliseconds).text),
                "peers": .array(peers), "issues": .array(issues),
            ])
        ) + "\n"
    }

    private static let columns = [
        Table.Column("ROLE", width: 8), Table.Column("PEER", width: 8),
        Table.Column("PG", width: 4), Table.Column("REPL", width: 5),
        Table.Column("LOG", width: 13), Table.Column("BEHIND", width: 10, alignment: .right),
        Table.Column("RATE", width: 10, alignment: .right),
        Table.Column("LAG", width: 6),
    ]

    private func row(_ member: ClusterMember) -> [String] {
        [
            member.role.rawValue, member.peer.label,
            PeerColumn.online.value(of: member, in: details),
            PeerColumn.replication.value(of: member, in: details),
            log(member.peer, in: details)?.description ?? "-",
            behind(member).map { Self.bytes($0) } ?? "-",
            rate(member.peer).map { Self.bytes(UInt64(clamping: $0)) + "/s" } ?? "-",
            PeerColumn.lag.value(of: member, in: details),
        ]
    }

    private func report(_ peer: Peer, in details: ClusterDetails) -> PostgresReport? {
        guard case .answered(let report)? = details.postgres[peer.id] else { return nil }
        return report
    }

    private func log(_ peer: Peer, in details: ClusterDetails) -> LSN? {
        report(peer, in: details)?.log
    }

    private func lag(_ peer: Peer) -> Duration? { report(peer, in: details)?.replayLag }

    /// How much of the primary's log the peer lacks, in bytes.
    private func behind(_ member: ClusterMember) -> UInt64? {
        guard member.role != .primary, let own = log(member.peer, in: details),
            let primary = log(details.state.primary, in: details)
        else { return nil }
        return primary.ahead(of: own)
    }

    /// How fast the peer's log grows, in bytes per second.
    private func rate(_ peer: Peer) -> Int64? {
        guard let previous, let before = log(peer, in: previous.details),
            let now = log(peer, in: details)
        else { return nil }
        let elapsed = sample.milliseconds - previous.milliseconds
        guard elapsed > 0 else { return nil }
        let grown = Double(now.ahead(of: before))
        return Int64(grown * 1000 / Double(elapsed))
    }

    /// A number of bytes in the unit that suits it, whole numbers only.
    private static func bytes(_ count: UInt64) -> String {
        let units = ["B", "KiB", "MiB", "GiB", "TiB"]
        var (count, unit) = (count, 0)
        while count >= 10_240, unit + 1 < units.count {
            count >>= 10
            unit += 1
        }
        return "\(count) \(units[unit])"
    }
}
