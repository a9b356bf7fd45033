import ManateeCore
import ManateePorts
import ManateeWire

/// The bodies of the status server.
enum StatusBodies {
    /// As text, with a newline at its end for those who read it with `curl`.
    static func text(_ body: JSONValue) -> String { JSONText.text(body) + "\n" }

    /// `{"healthy", "error", "lastCheck"}`, as the original has them.
    static func ping(_ postgres: PostgresStatus) -> JSONValue {
        .object(health(postgres))
    }

    private static func health(_ postgres: PostgresStatus) -> [String: JSONValue] {
        [
            "healthy": postgres.healthy.map(JSONValue.boolean) ?? .null,
            "error": postgres.error.map { .object(["message": .string($0)]) } ?? .null,
            "lastCheck": postgres.lastCheckMilliseconds.map(JSONValue.integer) ?? .null,
        ]
    }

    /// The original's `id`, `role`, `pending`, `zkstate` and `zkpeers`; the rest is added.
    static func state(
        _ view: PeerView,
        _ postgres: PostgresStatus,
        _ space: SpaceStatus?,
        _ configuration: ConfigurationStatus? = nil
    ) -> JSONValue {
        var body: [String: JSONValue] = [
            "id": .string(view.id.text),
            "role": .string(view.role.rawValue),
            "zkstate": view.state.map { clusterState($0.state) } ?? .null,
            "zkpeers": peers(view),
            "zkstateVersion": view.state.map { .integer($0.version.number) } ?? .null,
            "generation": number(view.generation),
            "reason": view.reasons.first.map { .string($0.description) } ?? .null,
            "reasons": .array(view.reasons.map { .string($0.description) }),
            "storeConnected": .boolean(view.storeConnected),
            "writesOpen": number(view.writesOpen),
            "hears": .array(view.hears.map { .string($0.text) }),
            "misses": .array(view.misses.map { .string($0.text) }),
        ]
        var postgresBody = health(postgres)
        postgresBody["running"] = .boolean(postgres.running)
        postgresBody["gateOpen"] = .boolean(postgres.gateOpen)
        postgresBody["position"] = postgres.position.map { .string($0.lsn.description) } ?? .null
        postgresBody["timeline"] =
            postgres.position.map { .integer(Int64($0.timeline.number)) } ?? .null
        body["postgres"] = .object(postgresBody)
        if let space { body["space"] = self.space(space) }
        if let configuration { body["config"] = self.configuration(configuration) }
        if !view.pending.isEmpty {
            body["pending"] = .array(view.pending.map { .string($0.rawValue) })
        }
        return .object(body)
    }

    private static func space(_ status: SpaceStatus) -> JSONValue {
        .object([
            "level": .string("\(status.level)"),
            "freeBytes": status.space.map { .integer($0.free) } ?? .null,
            "totalBytes": status.space.map { .integer($0.total) } ?? .null,
            "hasReserve": .boolean(status.hasReserve),
        ])
    }

    private static func configuration(_ status: ConfigurationStatus) -> JSONValue {
        .object([
            "version": .integer(status.version),
            "problem": status.problem.map(JSONValue.string) ?? .null,
            "pendingRestart": .array(status.pendingRestart.map(JSONValue.string)),
            "failureDetection": status.detection.map(detection) ?? .null,
        ])
    }

    private static func detection(_ limits: FailureDetection) -> JSONValue {
        .object(
            Dictionary(
                uniqueKeysWithValues: FailureDetection.named.map { name, limit in
                    (name, .string(DurationText.text(limits[keyPath: limit])))
                }
            )
        )
    }

    private static func number(_ generation: Generation?) -> JSONValue {
        generation.map { .integer(Int64($0.number)) } ?? .null
    }

    private static func clusterState(_ state: ClusterState) -> JSONValue {
        do {
            return try JSONText.parse(ClusterStateJSON.encode(state), document: "cluster state")
        } catch {
            // Only a state too large for the store comes here.
            return .object(["error": .string("\(error)")])
        }
    }

    /// Null until the store has spoken for the first time, as in the original.
    private static func peers(_ view: PeerView) -> JSONValue {
        guard view.storeConnected || !view.activePeers.isEmpty else { return .null }
        return .array(
            view.activePeers.map { peer in
                var fields: [String: JSONValue] = [
                    "id": .string(peer.id.text),
                    "ip": .string(peer.ip),
                    "pgUrl": .string(peer.postgresURL),
                    "zoneId": .string(peer.zoneID),
                ]
                if let url = peer.backupURL { fields["backupUrl"] = .string(url) }
                return .object(fields)
            }
        )
    }
}
