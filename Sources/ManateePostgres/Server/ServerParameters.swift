import ManateeCore

/// The content of `manatee.conf`, which the server reads last.
struct ServerParameters: Sendable, Equatable {
    /// The name of the file inside the data directory.
    static let fileName = "manatee.conf"

    /// A standby name that no standby has: while it is in force, nobody can acknowledge (rule S3).
    static let fence = "manatee_fence"

    /// Owned values that are the same in every role.
    var fixed: [String: String]
    /// What applications' owners added.
    var additional: [String: String]
    /// Values of the primary below which a standby does not start; empty for a primary.
    var floors: [String: Int]
    /// The names of the standbys that may acknowledge, ready for `synchronous_standby_names`.
    var standbyNames: String
    /// How to reach the upstream; empty when nothing is followed.
    var upstream: String

    /// The parameters that these settings lead to, with no upstream and behind the fence.
    init(_ settings: PostgresServer.Settings) {
        fixed = [
            "listen_addresses": settings.listenAddress,
            "port": String(settings.port),
            "unix_socket_directories": settings.socketDirectory,
            "unix_socket_permissions": "0700",
            "cluster_name": Self.name(settings.peer),
            "wal_level": "replica",
            "hot_standby": "on",
            "hot_standby_feedback": "off",
            "max_wal_senders": "16",
            "max_replication_slots": "16",
            "wal_keep_size": settings.walKeepSize,
            // A forgotten slot must not fill the disk; not owned, so that it can be configured.
            "max_slot_wal_keep_size": "4GB",
            "synchronous_commit": "on",
            "full_page_writes": "on",
            "fsync": "on",
            "recovery_target_timeline": "latest",
            // Bounds what a missed kick of the startup process costs.
            "wal_retrieve_retry_interval": "100ms",
            "wal_receiver_status_interval": "1s",
            "wal_receiver_timeout": "10s",
            "wal_sender_timeout": "10s",
            "tcp_keepalives_idle": "5",
            "tcp_keepalives_interval": "2",
            "tcp_keepalives_count": "3",
            "restart_after_crash": "on",
            "password_encryption": "scram-sha-256",
            "logging_collector": "on",
            "log_destination": "stderr",
            "log_directory": settings.logDirectory,
            "log_filename": "postgresql-%a.log",
            "log_rotation_age": "1d",
            "log_rotation_size": "0",
            "log_truncate_on_rotation": "on",
            "log_file_mode": "0600",
            "log_line_prefix": "%m [%p] %q%u@%d ",
        ]
        additional = settings.effectiveParameters
        floors = [:]
        standbyNames = Self.quotedNames(Self.fence)
        upstream = ""
    }

    /// Refuses parameters that Manatee owns, or that are no parameters.
    static func check(_ parameters: [String: String]) throws(PostgresFailure) {
        for (name, value) in parameters.sorted(by: { $0.key < $1.key }) {
            if let problem = ParameterRule.problem(with: name, value) {
                throw PostgresFailure(.other, problem)
            }
        }
    }

    /// A peer's name as a standby: as the server shortens it, or the names would never match.
    static func name(_ peer: PeerID) -> String {
        String(decoding: peer.text.utf8.prefix(63), as: UTF8.self)
    }

    /// A standby's name as `synchronous_standby_names` wants it.
    static func quotedNames(_ name: String) -> String {
        "\"" + name.replacing("\"", with: "\"\"") + "\""
    }

    /// The whole file.
    var text: String {
        var values = fixed
        for (name, value) in additional { values[name.lowercased()] = value }
        for (name, floor) in floors where values[name].flatMap({ Int($0) }) ?? 0 < floor {
            values[name] = String(floor)
        }
        values["synchronous_standby_names"] = standbyNames
        values["primary_conninfo"] = upstream
        let lines = values.sorted { $0.key < $1.key }.map { "\($0.key) = \(Self.quoted($0.value))" }
        return "# Written by Manatee; changes are lost.\n" + lines.joined(separator: "\n") + "\n"
    }

    private static func quoted(_ value: String) -> String {
        "'" + value.replacing("\\", with: "\\\\").replacing("'", with: "''") + "'"
    }

    /// `postgresql.conf` as it is, with our file included at its end, where it wins.
    static func including(_ text: String) -> String {
        let include = "include_if_exists = '\(fileName)'"
        var lines = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        lines.removeAll { $0 == include }
        while lines.last?.isEmpty == true { lines.removeLast() }
        return (lines + [include]).joined(separator: "\n") + "\n"
    }

    /// `postgresql.auto.conf` without owned names, which would win over our file.
    ///
    /// - Returns: the text, and the names that were taken out.
    static func disowning(_ text: String) -> (text: String, removed: [String]) {
        var removed: [String] = []
        let kept = text.split(separator: "\n", omittingEmptySubsequences: false).filter { line in
            let name = line.prefix { $0 != "=" && $0 != " " && $0 != "\t" }.lowercased()
            guard ParameterRule.ownedNames.contains(name) else { return true }
            removed.append(name)
            return false
        }
        return (kept.joined(separator: "\n"), removed)
    }
}

/// libpq's `name='value'` form.
enum ConnectionString {
    /// One string of these pairs.
    static func text(_ pairs: [(String, String)]) -> String {
        pairs.map { name, value in
            let escaped = value.replacing("\\", with: "\\\\").replacing("'", with: "\\'")
            return "\(name)='\(escaped)'"
        }.joined(separator: " ")
    }
}
