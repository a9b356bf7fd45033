import Glibc
package import ManateeCore
package import ManateePorts

/// Looks at peers' postgres over the network, as the role that may only look.
package struct MonitorProbe: PostgresProbe {
    private let passfile: PassfileSource

    /// A probe whose password is taken from where libpq looks for one.
    ///
    /// - Parameter environment: `PGPASSFILE` names the file; otherwise it is `.pgpass` in `HOME`.
    package init(environment: [String: String]) {
        let home = environment["HOME"] ?? "/nonexistent"
        passfile = .file(environment["PGPASSFILE"] ?? home + "/.pgpass")
    }

    /// A probe whose password is taken from a sitter's secrets.
    ///
    /// - Parameter secretFile: the file, readable by nobody else.
    /// - Throws: if it is missing, readable by others, or incomplete.
    package init(secretFile: String) throws(PostgresFailure) {
        passfile = .nameless(try NamelessFile(Secrets.load(from: secretFile).passfile))
    }

    /// Connects, asks, and disconnects.
    package func probe(_ peer: Peer, within limit: Duration) async -> PostgresSighting {
        let deadline = ContinuousClock.now + limit
        do throws(PostgresError) {
            let connection = try await PostgresConnection.open(target(peer), within: limit)
            let sighting = try await ask(connection, until: deadline)
            await connection.close()
            return sighting
        } catch {
            return .failed(cause: ProbeCause(error).text)
        }
    }

    func target(_ peer: Peer) -> ConnectionTarget {
        ConnectionTarget(
            host: PeerEndpoint(peer).host,
            port: PeerEndpoint(peer).port,
            user: Secrets.monitor,
            credential: .passfile(passfile.path),
            applicationName: "manatee-adm"
        )
    }

    private func ask(
        _ connection: PostgresConnection,
        until deadline: ContinuousClock.Instant
    ) async throws(PostgresError) -> PostgresSighting {
        let rows = try await connection.query(
            """
            select application_name, host(client_addr), state, sync_state, \
            sent_lsn, write_lsn, flush_lsn, replay_lsn \
            from pg_stat_replication order by sync_priority = 0, sync_priority, pid
            """,
            within: deadline - ContinuousClock.now
        )
        let place = try await connection.query(
            """
            select case when pg_is_in_recovery() then \
            (extract(epoch from now() - pg_last_xact_replay_timestamp()) * 1000)::bigint end, \
            case when pg_is_in_recovery() \
            then greatest(pg_last_wal_receive_lsn(), pg_last_wal_replay_lsn()) \
            else pg_current_wal_flush_lsn() end, \
            case when pg_is_in_recovery() then (select received_tli from pg_stat_wal_receiver) \
            else ('x' || substr(pg_walfile_name(pg_current_wal_lsn()), 1, 8))::bit(32)::int end
            """,
            within: deadline - ContinuousClock.now
        )
        let transaction = try await connection.query(
            """
            select (extract(epoch from max(now() - xact_start)) * 1000)::bigint \
            from pg_stat_activity where backend_type = 'client backend' and pid <> pg_backend_pid()
            """,
            within: deadline - ContinuousClock.now
        )
        let columns = place.first ?? []
        func text(_ place: Int) -> String? { place < columns.count ? columns[place] : nil }
        func duration(_ text: String?) -> Duration? {
            text.flatMap { Int64($0) }.map { .milliseconds($0) }
        }
        return .answered(
            PostgresReport(
                replication: rows.map(Self.row),
                replayLag: duration(text(0)),
                longestTransaction: duration(transaction.first?.first.flatMap { $0 }),
                log: text(1).flatMap { LSN($0) },
                timeline: text(2).flatMap { UInt32($0) }.map { TimelineID($0) }
            )
        )
    }

    private static func row(_ columns: PostgresConnection.Row) -> ReplicationRow {
        func text(_ place: Int) -> String? { place < columns.count ? columns[place] : nil }
        return ReplicationRow(
            applicationName: text(0),
            clientAddress: text(1),
            state: text(2),
            syncState: text(3),
            sent: text(4).flatMap { LSN($0) },
            write: text(5).flatMap { LSN($0) },
            flush: text(6).flatMap { LSN($0) },
            replay: text(7).flatMap { LSN($0) }
        )
    }
}

/// Where libpq finds the password: never in an argument, in the environment, or in a file of ours
/// that lasts.
private enum PassfileSource: Sendable {
    case file(String)
    case nameless(NamelessFile)

    var path: String {
        switch self {
        case .file(let path): path
        case .nameless(let file): file.path
        }
    }
}

/// A file that has no name any more when it is written, so that only this process can open it and
/// nothing of it is left behind.
private final class NamelessFile: Sendable {
    private let descriptor: Int32

    init(_ text: String) throws(PostgresFailure) {
        // Created with mode 0600, which libpq asks of a file of passwords.
        var name = Array("/tmp/manatee-XXXXXX".utf8CString)
        descriptor = mkstemp(&name)
        guard descriptor >= 0, unlink(name) == 0, fcntl(descriptor, F_SETFD, FD_CLOEXEC) == 0
        else { throw Self.failure() }
        let bytes = Array(text.utf8)
        guard Glibc.write(descriptor, bytes, bytes.count) == bytes.count else {
            throw Self.failure()
        }
    }

    deinit {
        if descriptor >= 0 { close(descriptor) }
    }

    /// The name by which this process can open the file.
    var path: String { "/proc/self/fd/\(descriptor)" }

    private static func failure() -> PostgresFailure {
        let reason = String(cString: strerror(errno))
        return PostgresFailure(.other, "cannot hand the password to libpq through /tmp: \(reason)")
    }
}
