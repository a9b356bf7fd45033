import ManateeCore
import ManateeJournal
import ManateePorts

/// Bodies in the shapes that Patroni's users read, with ours added under `manatee`.
enum PatroniBodies {
    /// The body of `/patroni` and of every health path.
    static func status(_ snapshot: StatusSnapshot) -> JSONValue {
        let (view, postgres) = (snapshot.view, snapshot.postgres)
        let health = PeerHealth(view: view, postgres: postgres)
        var body: [String: JSONValue] = [
            "state": .string(health.isWell ? "running" : postgres.running ? "starting" : "stopped"),
            "role": .string(view.role == .primary ? "primary" : "replica"),
            "cluster_unlocked": .boolean(view.state == nil),
            "patroni": .object([
                "version": .string(snapshot.context.version),
                "scope": .string(snapshot.context.shard),
                "name": .string(snapshot.context.peer.zoneID),
            ]),
            "manatee": manatee(snapshot),
        ]
        if view.state?.state.freeze != nil { body["pause"] = .boolean(true) }
        if view.role == .sync { body["sync_standby"] = .boolean(true) }
        if let position = postgres.position {
            body["timeline"] = .integer(Int64(position.timeline.number))
        }
        if let replication = postgres.replication {
            body["server_version"] = .optional(replication.serverVersion)
            body["postmaster_start_time"] = .optional(
                replication.startedMilliseconds.map { WallTime(milliseconds: $0).description }
            )
            body["xlog"] = log(postgres, replication)
            if let state = health.replicationState { body["replication_state"] = .string(state) }
            if !replication.downstreams.isEmpty {
                body["replication"] = .array(replication.downstreams.map(downstream))
            }
        }
        return .object(body)
    }

    private static func manatee(_ snapshot: StatusSnapshot) -> JSONValue {
        let view = snapshot.view
        return .object([
            "id": .string(view.id.text),
            "role": .string(view.role.rawValue),
            "generation": .optional(view.generation?.number),
            "writesOpen": .optional(view.writesOpen?.number),
            "gateOpen": .boolean(snapshot.postgres.gateOpen),
            "storeConnected": .boolean(view.storeConnected),
        ])
    }

    private static func log(
        _ postgres: PostgresStatus,
        _ replication: PostgresStatus.Replication
    ) -> JSONValue {
        let end: JSONValue = .optional(postgres.position?.lsn.bytes)
        guard replication.isInRecovery else { return .object(["location": end]) }
        return .object([
            "received_location": end,
            "replayed_location": .optional(replication.replayed?.bytes),
            "paused": .boolean(false),
        ])
    }

    private static func downstream(_ row: ReplicationRow) -> JSONValue {
        .object([
            "application_name": .optional(row.applicationName),
            "client_addr": .optional(row.clientAddress),
            "state": .optional(row.state),
            "sync_state": .optional(row.syncState),
        ])
    }

    /// The body of `/cluster`.
    static func cluster(_ snapshot: StatusSnapshot, _ picture: ShardPicture?) -> JSONValue {
        let view = snapshot.view
        let state = view.state?.state
        var body: [String: JSONValue] = [
            "scope": .string(snapshot.context.shard),
            "members": .array(
                ShardMembers(snapshot, picture).list.map { member($0, snapshot) }
            ),
            "manatee": .object([
                "generation": .optional(view.generation?.number),
                "stateVersion": .optional(view.state?.version.number),
                "timeline": .optional(state?.timeline?.number),
                "initWal": .optional(state?.initWAL.description),
                "oneNodeWriteMode": .boolean(state?.oneNodeWriteMode ?? false),
                "freeze": freeze(state?.freeze),
                "promote": state?.promote ?? .null,
                "toldBy": .string(view.id.text),
                "seen": .optional(picture?.time.description),
                "issues": .array((picture?.issues ?? []).map(issue)),
            ]),
        ]
        if state?.freeze != nil { body["pause"] = .boolean(true) }
        return .object(body)
    }

    private static func freeze(_ freeze: Freeze?) -> JSONValue {
        guard let freeze else { return .null }
        return .object(["reason": .optional(freeze.reason), "date": .optional(freeze.date)])
    }

    static func issue(_ issue: ShardPicture.Issue) -> JSONValue {
        .object([
            "level": .string(issue.isError ? "error" : "warning"), "text": .string(issue.text),
        ])
    }

    private static func member(
        _ member: ShardMembers.Member,
        _ snapshot: StatusSnapshot
    ) -> JSONValue {
        let port = postgresPort(member.peer)
        // Every peer's server is as far from its postgres as this one's.
        let offset = snapshot.context.port - (postgresPort(snapshot.context.peer) ?? 0)
        var body: [String: JSONValue] = [
            "name": .string(member.name),
            "role": .string(role(member.role)),
            "state": .string(member.state),
            "host": .string(member.peer.ip),
            "port": .optional(port),
            "api_url": .optional(
                port.map { "http://\(host(member.peer.ip)):\($0 + offset)/patroni" }
            ),
            "timeline": .optional(member.timeline?.number),
            "manatee": .object([
                "id": .string(member.peer.id.text),
                "role": .string(member.role.rawValue),
                "present": .boolean(member.isPresent),
                "position": .optional(member.received?.description),
                "replayed": .optional(member.replayed?.description),
                "replayAgeMilliseconds": .optional(member.replayAge),
            ]),
        ]
        if member.role != .primary {
            body["lag"] = member.lag.map { .optional($0) } ?? .string("unknown")
            body["receive_lsn"] = .optional(member.received?.description)
            body["replay_lsn"] = .optional(member.replayed?.description)
        }
        return .object(body)
    }

    private static func role(_ role: PeerRole) -> String {
        switch role {
        case .primary: "leader"
        case .sync: "sync_standby"
        case .async, .unassigned, .deposed, .unknown: "replica"
        }
    }

    static func host(_ ip: String) -> String { ip.contains(":") ? "[\(ip)]" : ip }

    /// The port in `ip:postgresPort:backupPort`.
    static func postgresPort(_ peer: Peer) -> Int? {
        let parts = peer.id.text.split(separator: ":")
        return parts.count < 3 ? nil : Int(parts[parts.count - 2])
    }
}
