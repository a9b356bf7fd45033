import ManateeCore
import ManateePorts
import ManateeWire

/// What is known about a cluster as one line of JSON, for programs.
enum DetailsJSON {
    /// What `show --json` prints.
    static func summary(_ details: ClusterDetails, target: ShardTarget) -> String {
        let state = details.state
        var freeze = JSONValue.null
        if let order = state.freeze {
            freeze = .object([
                "date": .string(order.date ?? "unknown"),
                "reason": .string(order.reason ?? "unknown"),
            ])
        }
        return line([
            "zookeeper": .string(target.servers),
            "cluster": .string(target.shard),
            "generation": .integer(Int64(state.generation.number)),
            "initWal": .string(state.initWAL.description),
            "mode": .string(state.oneNodeWriteMode ? "singleton" : "normal"),
            "freeze": freeze,
            "peers": list(details.members, of: details),
            "issues": list(ClusterVerdict(details)),
        ])
    }

    /// What `peers --json` prints.
    static func peers(_ members: [ClusterMember], of details: ClusterDetails) -> String {
        line(["peers": list(members, of: details)])
    }

    /// What `pg-status --json` prints.
    static func status(_ members: [ClusterMember], of details: ClusterDetails) -> String {
        line([
            "peers": list(members, of: details),
            "issues": list(ClusterVerdict(details)),
        ])
    }

    /// What `verify --json` prints.
    static func verdict(_ verdict: ClusterVerdict) -> String {
        line(["healthy": .boolean(verdict.isHealthy), "issues": list(verdict)])
    }

    private static func line(_ fields: [String: JSONValue]) -> String {
        JSONText.text(.object(fields)) + "\n"
    }

    private static func list(_ verdict: ClusterVerdict) -> JSONValue {
        .array(
            verdict.issues.map {
                .object(["level": .string($0.level.rawValue), "message": .string($0.message)])
            }
        )
    }

    private static func list(_ members: [ClusterMember], of details: ClusterDetails) -> JSONValue {
        .array(members.map { .object(facts($0, in: details)) })
    }

    private static func facts(
        _ member: ClusterMember,
        in details: ClusterDetails
    ) -> [String: JSONValue] {
        let peer = member.peer
        var facts: [String: JSONValue] = [
            "id": .string(peer.id.text),
            "peername": .string(peer.zoneID),
            "role": .string(member.role.rawValue),
            "ip": .string(peer.ip),
            "active": .boolean(details.active.contains(peer.id)),
        ]
        switch details.postgres[peer.id] {
        case .answered(let report):
            facts["online"] = .boolean(true)
            facts["lagSeconds"] = report.replayLag.map { .integer(LagText($0).seconds) } ?? .null
            facts["downstream"] = details.downstreamRow(of: peer).map(row) ?? .null
        case .failed(let cause):
            facts["online"] = .boolean(false)
            facts["error"] = .string(cause)
        case nil:
            break
        }
        return facts
    }

    /// A row of `pg_stat_replication` with the names of its columns.
    static func row(_ row: ReplicationRow) -> JSONValue {
        func text(_ value: String?) -> JSONValue { value.map { .string($0) } ?? .null }
        return .object([
            "application_name": text(row.applicationName),
            "client_addr": text(row.clientAddress),
            "state": text(row.state),
            "sync_state": text(row.syncState),
            "sent_lsn": text(row.sent?.description),
            "write_lsn": text(row.write?.description),
            "flush_lsn": text(row.flush?.description),
            "replay_lsn": text(row.replay?.description),
        ])
    }
}
