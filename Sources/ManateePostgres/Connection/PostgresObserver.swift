import Foundation
package import ManateeCore
package import ManateePorts

/// Looks at the servers of a shard from outside, with the role that may only look.
package struct PostgresObserver: PostgresProbe {
    private let passfile: String

    /// An observer that proves itself with the passwords in `passfile`, in libpq's format.
    package init(passfile: String) {
        self.passfile = passfile
    }

    /// Asks a peer's server for its replication and its lag.
    package func probe(_ peer: Peer, within limit: Duration) async -> PostgresSighting {
        let begin = ContinuousClock.now
        do {
            let session = try await PostgresConnection.open(
                ConnectionTarget(
                    host: peer.ip,
                    port: peer.postgresPort,
                    user: Secrets.monitor,
                    credential: .passfile(passfile),
                    applicationName: "manatee-adm"
                ),
                within: limit
            )
            let left = limit - (ContinuousClock.now - begin)
            let lag = try await session.query(Self.lag, within: max(left, .milliseconds(1)))
            let rest = limit - (ContinuousClock.now - begin)
            let rows = try await session.query(
                Self.replication,
                within: max(rest, .milliseconds(1))
            )
            await session.close()
            let seconds = (lag.first?.first ?? nil).flatMap { Double($0) }
            return .answered(
                PostgresReport(
                    replication: rows.map(Self.row),
                    replayLag: seconds.map { .seconds($0) }
                )
            )
        } catch {
            return .failed(cause: Self.cause(of: error))
        }
    }

    private static let lag = """
        select extract(epoch from now() - pg_last_xact_replay_timestamp())::float8
        where pg_is_in_recovery()
        """

    private static let replication = """
        select application_name, host(client_addr), state, sync_state, sent_lsn, write_lsn, flush_lsn,
            replay_lsn
        from pg_stat_replication where state <> 'startup' order by application_name
        """

    private static func row(_ columns: PostgresConnection.Row) -> ReplicationRow {
        func position(_ index: Int) -> LSN? { columns[index].flatMap { LSN($0) } }
        return ReplicationRow(
            applicationName: columns[0],
            clientAddress: columns[1],
            state: columns[2],
            syncState: columns[3],
            sent: position(4),
            write: position(5),
            flush: position(6),
            replay: position(7)
        )
    }

    /// The name of the error that an operator knows, or what was said.
    static func cause(of error: PostgresError) -> String {
        switch error {
        case .unreachable(_, let message):
            let known = [
                ("Connection refused", "ECONNREFUSED"), ("timed out", "ETIMEDOUT"),
                ("No route to host", "EHOSTUNREACH"), ("Network is unreachable", "ENETUNREACH"),
                ("Connection reset", "ECONNRESET"),
                ("server closed the connection", "ECONNRESET"),
            ]
            return known.first { message.contains($0.0) }?.1 ?? message
        case .refused(_, _, let message): return message
        case .statementFailed(_, _, _, let message): return message
        case .timedOut: return "ETIMEDOUT"
        case .cancelled: return "ECANCELED"
        case .unexpectedAnswer: return "\(error)"
        }
    }
}
