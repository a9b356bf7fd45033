/// The content of `pg_hba.conf` and `pg_ident.conf`: who may connect.
///
/// The first line that fits decides, so Manatee's own roles come first, then a line that refuses
/// them anywhere else, then the applications.
struct AccessRules: Sendable, Equatable {
    /// Whether applications are admitted (rule S8).
    var gateOpen: Bool
    /// Where peers come from: addresses, networks, `samehost`, `samenet`.
    var replicationNetworks: [String]
    /// The applications.
    var clients: [ClientAccess]
    /// The users of the operating system who are the superuser.
    var superusers: [String]

    /// `pg_hba.conf`.
    var hostBasedAccess: String {
        let superuser = Secrets.superuser
        let replicator = Secrets.replicator
        let monitor = Secrets.monitor
        var lines = [
            "# Written by Manatee; changes are lost.",
            "local all \(superuser) peer map=manatee",
            "local replication \(superuser) peer map=manatee",
        ]
        for network in replicationNetworks.compactMap(Self.address) {
            lines += [
                "host replication \(replicator) \(network) scram-sha-256",
                "host postgres \(replicator) \(network) scram-sha-256",
                "host postgres \(monitor) \(network) scram-sha-256",
            ]
        }
        lines += [
            "local all all reject",
            "host all \(superuser),\(replicator),\(monitor) all reject",
            "host replication all all reject",
        ]
        if gateOpen {
            lines += clients.map(Self.line)
        } else {
            lines.append("# The gate is closed: the synchronous standby lacks something.")
        }
        lines.append("host all all all reject")
        return lines.joined(separator: "\n") + "\n"
    }

    /// `pg_ident.conf`.
    var identities: String {
        "# Written by Manatee; changes are lost.\n"
            + superusers.map { "manatee \"\($0)\" \(Secrets.superuser)\n" }.joined()
    }

    private static func line(_ client: ClientAccess) -> String {
        let databases = client.databases.compactMap(quoted).joined(separator: ",")
        let users = client.users.compactMap(quoted).joined(separator: ",")
        let kind = client.requireTLS ? "hostssl" : "host"
        return "\(kind) \(databases) \(users) \(address(client.address) ?? "") scram-sha-256"
    }

    /// A name of a database or role as a field; nil if it cannot be one.
    static func quoted(_ name: String) -> String? {
        if name == "all" || name == "sameuser" || name == "samerole" { return name }
        let banned: Set<Character> = ["\"", "\n", "\r", "\0", "\\"]
        guard !name.isEmpty, !name.contains(where: banned.contains) else { return nil }
        return "\"\(name)\""
    }

    /// An address as a field: a single one gets its mask; nil if it cannot be one.
    static func address(_ text: String) -> String? {
        if ["all", "samehost", "samenet"].contains(text) { return text }
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        guard let host = parts.first, !host.isEmpty, parts.count <= 2,
            host.allSatisfy({ $0.isASCII && ($0.isLetter || $0.isNumber || ".-:_".contains($0)) })
        else { return nil }
        let isV6 = host.contains(":")
        let isV4 =
            host.split(separator: ".").count == 4 && host.allSatisfy { $0.isNumber || $0 == "." }
        if parts.count == 2 {
            guard isV4 || isV6, let bits = Int(parts[1]), (0...(isV6 ? 128 : 32)).contains(bits)
            else { return nil }
            return text
        }
        if isV6 { return text + "/128" }
        return isV4 ? text + "/32" : text
    }
}
