import Glibc
import Logging
import ManateeCore

/// Stopping the acknowledgements, then sampling the log (rule S3).
extension PostgresServer {
    /// As sync: stops the receiver, sees it gone, and samples the end of the flushed log.
    func detachFromUpstream() async throws -> WALSample {
        guard isRunning else {
            throw PostgresFailure(.other, "cannot stop the WAL receiver: postgres is not running")
        }
        try await awaitConnections()
        parameters.upstream = ""
        role = .detached
        try await applyFiles()
        try await awaitNoReceiver()
        try await awaitEndOfLocalLog()
        let session = try await PostgresConnection.open(localTarget("manatee", replication: true))
        // While the replay is still on an earlier timeline than what was received, the server tells
        // of the replay only: too little.
        var copy = try await LogCopy(askedOf: session)
        try await eventually(
            within: settings.operationTimeout,
            "postgres replayed what it received"
        ) {
            copy = try await LogCopy(askedOf: session)
            let received = try await self.value(of: "select pg_last_wal_receive_lsn()")
            guard let received = received.flatMap({ LSN($0) }) else { return true }
            return copy.sample.end.lsn >= received
        }
        await session.close()
        guard copy.inRecovery else {
            throw PostgresFailure(.other, "cannot detach: postgres is not a standby")
        }
        return copy.sample
    }

    /// Waits until no receiver runs and none can be started with the old upstream.
    ///
    /// The startup process takes the reload when it is woken. If it is seen asleep between two
    /// attempts after it was signalled, it reads its configuration before anything else.
    private func awaitNoReceiver() async throws {
        let clock = ContinuousClock()
        let begin = clock.now
        var quiet = 0
        try await eventually(within: .seconds(10), "the WAL receiver ended") {
            if let startup = try await self.startupProcess() { kill(startup, SIGHUP) }
            let row = try await self.ask(
                """
                select (select count(*) from pg_stat_wal_receiver)
                    + (select count(*) from pg_stat_activity where backend_type = 'walreceiver'),
                (select wait_event from pg_stat_activity where backend_type = 'startup')
                """
            ).first
            let asleep = row?[1] == "RecoveryRetrieveRetryInterval"
            if row?[0] != "0" {
                quiet = 0
                // A startup process that has much to replay does not look at its receiver.
                if clock.now - begin > .milliseconds(100) {
                    try await self.ask(
                        """
                        select pg_terminate_backend(pid) from pg_stat_activity
                        where backend_type = 'walreceiver'
                        """
                    )
                }
                return false
            }
            // Where its sleep cannot be seen, many looks must do.
            quiet += asleep ? 10 : 1
            return quiet >= 20
        }
    }

    /// Waits until the startup process has read all of the local log.
    ///
    /// After a restart the end that the server tells grows while it replays what it already has; a
    /// sample taken before that is too low.
    private func awaitEndOfLocalLog() async throws {
        try await eventually(
            within: settings.operationTimeout,
            "postgres read the log that it has"
        ) {
            let row = try await self.ask(
                """
                select pg_last_wal_receive_lsn() is not null,
                (select wait_event from pg_stat_activity where backend_type = 'startup')
                """
            ).first
            let waits = ["RecoveryRetrieveRetryInterval", "RecoveryWalStream"]
            return row?[0] == "t" || row?[1].map(waits.contains) == true
        }
    }

    /// As primary: names the fence, sees the old sync's walsender take it, and samples the log.
    ///
    /// A primary that had no sync acknowledged alone: it sees that its own commits wait instead.
    func fence(replacing old: Peer?) async throws -> WALSample {
        guard isRunning else {
            throw PostgresFailure(.other, "cannot set the fence: postgres is not running")
        }
        try await awaitConnections()
        opening = nil
        opened = nil
        parameters.standbyNames = ServerParameters.quotedNames(ServerParameters.fence)
        // Returns when the postmaster has read it: a walsender that starts later has it from birth,
        // and one that was starting reads it before it listens to its standby.
        try await applyFiles()
        let names = try await value(of: "show synchronous_standby_names")
        guard names == parameters.standbyNames else {
            throw PostgresFailure(
                .other,
                "cannot set the fence: synchronous_standby_names is \(names ?? "unknown"); look "
                    + "for it in \(directory.path)/*.conf"
            )
        }
        let oldSync = old.map { "the walsender of \($0)" } ?? "every walsender"
        try await eventually(within: .seconds(10), "\(oldSync) took the fence") {
            let rows = try await self.ask(
                "select application_name from pg_stat_replication where sync_priority <> 0"
            )
            return rows.isEmpty
        }
        if old == nil { try await awaitHeldCommits() }
        let session = try await PostgresConnection.open(localTarget("manatee", replication: true))
        let copy = try await LogCopy(askedOf: session)
        await session.close()
        guard !copy.inRecovery else {
            throw PostgresFailure(.other, "cannot set the fence: postgres is not primary")
        }
        return copy.sample
    }

    /// Waits until a commit of this peer's own is seen to wait for the fence.
    ///
    /// Where there was no sync name before, a commit waits only from the moment on at which the
    /// checkpointer has read the new one; nothing else shows when that is. It reads none while it syncs a
    /// checkpoint's files to a slow disk.
    private func awaitHeldCommits() async throws {
        let probe = try await PostgresConnection.open(localTarget("manatee"))
        _ = try await probe.query("set synchronous_commit = on")
        guard let pid = try await probe.query("select pg_backend_pid()").first?.first ?? nil else {
            throw PostgresFailure(.other, "cannot set the fence: a session has no process")
        }
        try await withThrowingTaskGroup { group in
            defer { group.cancelAll() }
            let limit = settings.operationTimeout
            group.addTask {
                // A commit that comes back was not held; the one that is ends with its session.
                while !Task.isCancelled {
                    _ = try await probe.query("select txid_current()", within: limit * 2)
                }
            }
            try await eventually(within: limit, "an own commit waited for the fence") {
                let waited = try await self.ask(
                    "select wait_event from pg_stat_activity where pid = $1",
                    [pid]
                )
                return waited.first?.first == "SyncRep"
            }
            try await ask("select pg_terminate_backend($1)", [pid])
        }
        await probe.close()
    }
}
