/// Which of PostgreSQL's parameters may be configured, and why others may not.
package enum ParameterRule {
    /// Names that only Manatee sets, by the reason.
    private static let reasons: [(reason: String, names: [String])] = [
        (
            "it says who acknowledges a commit, which follows from the cluster state alone",
            ["synchronous_standby_names"]
        ),
        (
            "it says whom a peer follows, which follows from the cluster state alone",
            [
                "primary_conninfo", "primary_slot_name", "hot_standby", "hot_standby_feedback",
                "recovery_target_timeline", "restore_command", "recovery_target",
                "recovery_target_lsn", "recovery_target_name", "recovery_target_time",
                "recovery_target_xid", "recovery_target_action", "recovery_target_inclusive",
                "recovery_end_command", "recovery_min_apply_delay", "promote_trigger_file",
            ]
        ),
        (
            "an acknowledged write would not be safe with another value",
            [
                "synchronous_commit", "full_page_writes", "fsync", "wal_level",
                "restart_after_crash", "default_transaction_read_only",
            ]
        ),
        (
            "peers are known and reached by it; it comes from each peer's own file",
            [
                "listen_addresses", "port", "unix_socket_directories", "unix_socket_permissions",
                "cluster_name", "password_encryption",
            ]
        ),
        (
            "Manatee writes who may connect; set postgres.clientAccess in each sitter's own file",
            ["hba_file", "ident_file"]
        ),
        (
            "the chain of peers is built for its value",
            [
                "max_wal_senders", "max_replication_slots", "wal_keep_size", "wal_keep_segments",
                "wal_retrieve_retry_interval", "wal_receiver_status_interval",
                "wal_receiver_timeout", "wal_sender_timeout", "tcp_keepalives_idle",
                "tcp_keepalives_interval", "tcp_keepalives_count",
            ]
        ),
        (
            "Manatee reads the server's log to tell what is wrong",
            [
                "logging_collector", "log_destination", "log_directory", "log_filename",
                "log_rotation_age", "log_rotation_size", "log_truncate_on_rotation",
                "log_file_mode", "log_line_prefix",
            ]
        ),
        (
            "it says where the server's files are, which Manatee decides",
            [
                "data_directory", "config_file", "external_pid_file", "include", "include_dir",
                "include_if_exists",
            ]
        ),
    ]

    private static let owned: [String: String] = {
        var owned: [String: String] = [:]
        for (reason, names) in reasons { for name in names { owned[name] = reason } }
        return owned
    }()

    /// Names that only Manatee sets: in its own file, and nowhere else.
    package static var ownedNames: Set<String> { Set(owned.keys) }

    /// The fewest connections with which Manatee's own sessions are still admitted.
    private static let leastConnections = 20

    /// Why `name` cannot be set to `value`; nil if as far as can be told here it can.
    package static func problem(with name: String, _ value: String) -> String? {
        let lower = name.lowercased()
        let isWellFormed =
            lower.first.map { $0.isLetter || $0 == "_" } == true
            && lower.utf8.count < 64
            && lower.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || "_.".contains($0)) }
        guard isWellFormed else {
            return "postgres parameter `\(name)` is no name of a parameter; correct it"
        }
        guard !value.contains(where: { $0.isNewline || $0 == "\0" }) else {
            return "postgres parameter `\(name)` cannot be set to that: its value must be one line"
        }
        // The one that may be made stronger, but not weaker.
        if lower == "synchronous_commit", ["on", "remote_apply"].contains(value) { return nil }
        if let reason = owned[lower] {
            return "postgres parameter `\(name)` is set by Manatee and cannot be configured "
                + "(\(reason)); remove it"
        }
        if lower == "max_connections", let number = Int(value), number < leastConnections {
            return
                "postgres parameter `\(name)` must be \(leastConnections) or more: Manatee needs "
                + "connections, too"
        }
        return nil
    }
}
