import ManateeCore
import ManateePorts
import ManateeWire

/// Shards as the deprecated `status` prints them.
enum DeprecatedStatusJSON {
    /// All shards in one line.
    static func line(_ shards: [String: JSONValue]) -> String {
        JSONText.text(.object(shards)) + "\n"
    }

    /// One shard: its peers, whose postgres were asked, if it has any, and what a sitter of
    /// Manatee 1 left, if anything.
    static func shard(_ details: ClusterDetails?, version1Error: [UInt8]?) -> JSONValue {
        var fields: [String: JSONValue] = [:]
        if let freeze = details?.state.freeze {
            let text = "\(freeze.date ?? "unknown"): \(freeze.reason ?? "unknown")"
            fields["__FROZEN__"] = .string(text)
        }
        if let version1Error {
            fields["error"] = .string(String(decoding: version1Error, as: UTF8.self))
        }
        guard let details else { return .object(fields) }
        var counts: [MemberRole: Int] = [:]
        for member in details.members {
            let count = counts[member.role, default: 0]
            counts[member.role] = count + 1
            // The first of a role has no number.
            let name = member.role.rawValue + (count == 0 ? "" : "\(count)")
            fields[name] = .object(facts(member, in: details))
        }
        return .object(fields)
    }

    private static func facts(
        _ member: ClusterMember,
        in details: ClusterDetails
    ) -> [String: JSONValue] {
        let peer = member.peer
        var facts: [String: JSONValue] = [
            "id": .string(peer.id.text),
            "ip": .string(peer.ip),
            "pgUrl": .string(peer.postgresURL),
            "zoneId": .string(peer.zoneID),
            "online": .boolean(false),
            "repl": .object([:]),
        ]
        facts["backupUrl"] = peer.backupURL.map { .string($0) }
        switch details.postgres[peer.id] {
        case .answered(let report):
            facts["online"] = .boolean(true)
            facts["repl"] = details.downstreamRow(of: peer).map(DetailsJSON.row) ?? .object([:])
            if member.role != .primary {
                facts["lag"] = .object(["time_lag": report.replayLag.map(interval) ?? .null])
            }
        case .failed(let cause):
            facts["error"] = .string(JSONText.text(.object(["message": .string(cause)])))
        case nil:
            break
        }
        return facts
    }

    /// The time as PostgreSQL's clients in JavaScript give an interval.
    private static func interval(_ lag: Duration) -> JSONValue {
        let seconds = LagText(lag).seconds
        return .object(["minutes": .integer(seconds / 60), "seconds": .integer(seconds % 60)])
    }
}
