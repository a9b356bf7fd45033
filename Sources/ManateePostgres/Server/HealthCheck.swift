import ManateeCore
import ManateePorts

/// What a health check asks the own server, and how the answer is read.
enum HealthCheck {
    /// One row about the server itself.
    static let server = """
        with facts as (select pg_is_in_recovery() as standby),
            receiver as (select status, latest_end_lsn, received_tli from pg_stat_wal_receiver)
        select case when standby
                then greatest(pg_last_wal_receive_lsn(), pg_last_wal_replay_lsn())
                else pg_current_wal_flush_lsn() end,
            case when standby
                then coalesce((select received_tli from receiver),
                    (select timeline_id from pg_control_checkpoint()))
                else ('x' || substr(pg_walfile_name(pg_current_wal_lsn()), 1, 8))::bit(32)::int end,
            standby,
            pg_last_wal_replay_lsn(),
            (select latest_end_lsn from receiver),
            (select status = 'streaming' from receiver),
            case when pg_last_wal_receive_lsn() = pg_last_wal_replay_lsn() then 0
                else (extract(epoch from now() - pg_last_xact_replay_timestamp()) * 1000)::bigint end,
            current_setting('server_version_num'),
            (extract(epoch from pg_postmaster_start_time()) * 1000)::bigint
        from facts
        """

    /// One row for each server that streams from this one.
    static let downstreams = """
        select application_name, host(client_addr), state, sync_state,
            sent_lsn, write_lsn, flush_lsn, replay_lsn
        from pg_stat_replication
        """

    static func position(_ row: PostgresConnection.Row?) -> WALPosition? {
        guard let row, let lsn = row[0].flatMap({ LSN($0) }),
            let timeline = row[1].flatMap({ UInt32($0) })
        else { return nil }
        return WALPosition(timeline: TimelineID(timeline), lsn: lsn)
    }

    static func replication(
        _ row: PostgresConnection.Row?,
        _ downstreams: [PostgresConnection.Row]
    ) -> PostgresStatus.Replication? {
        guard let row else { return nil }
        let isInRecovery = row[2] == "t"
        return PostgresStatus.Replication(
            isInRecovery: isInRecovery,
            replayed: isInRecovery ? row[3].flatMap { LSN($0) } : nil,
            upstreamEnd: row[4].flatMap { LSN($0) },
            isStreaming: row[5] == "t",
            replayAge: isInRecovery
                ? row[6].flatMap { Int64($0) }.map { .milliseconds(max(0, $0)) } : nil,
            downstreams: downstreams.map { row in
                ReplicationRow(
                    applicationName: row[0],
                    clientAddress: row[1],
                    state: row[2],
                    syncState: row[3],
                    sent: row[4].flatMap { LSN($0) },
                    write: row[5].flatMap { LSN($0) },
                    flush: row[6].flatMap { LSN($0) },
                    replay: row[7].flatMap { LSN($0) }
                )
            },
            serverVersion: row[7].flatMap { Int($0) },
            startedMilliseconds: row[8].flatMap { Int64($0) }
        )
    }
}
