import Foundation
import Glibc
import Logging
import ManateeCore
import ManateePorts

/// Becoming and being primary.
extension PostgresServer {
    /// Brings the server to being primary of a generation, from whatever it is.
    func becomePrimary(_ primary: PostgresConfiguration.Primary) async throws {
        if let sync = primary.sync { peerAddresses.insert(sync.ip) }
        let name = primary.sync.map { ServerParameters.name($0.id) }
        parameters.standbyNames = name.map(ServerParameters.quotedNames) ?? ""
        parameters.upstream = ""
        if isRunning {
            try await awaitConnections()
            if try await value(of: "select pg_is_in_recovery()") == "t" {
                try await promote(onto: primary.timeline)
            } else {
                try await retarget()
            }
        } else {
            try await startAsPrimary(primary)
        }
        role = .primary
        let target = try await flushedPosition()
        let wanted = Opening(generation: primary.generation, name: name, target: target)
        let known = opening ?? opened
        if known?.generation == wanted.generation, known?.name == wanted.name {
            // Said before, or about to be said.
            return
        }
        opened = nil
        opening = wanted
        openingSink.yield()
    }

    /// The end of what the primary has flushed.
    func flushedPosition() async throws -> LSN? {
        try await value(of: "select pg_current_wal_flush_lsn()").flatMap { LSN($0) }
    }

    // MARK: Starting

    private func startAsPrimary(_ primary: PostgresConfiguration.Primary) async throws {
        switch try directory.contents() {
        case .empty:
            guard primary.generation == Generation(1) else {
                throw PostgresFailure(
                    .other,
                    "the data directory \(directory.path) is empty, but this is generation "
                        + "\(primary.generation): a new database would be another one; bring the data back, "
                        + "or let this peer rejoin as a standby"
                )
            }
            try await createDatabase()
        case .incomplete:
            throw PostgresFailure(
                .other,
                "the copy in \(directory.path) is incomplete and cannot be primary; only a "
                    + "standby's configuration replaces it"
            )
        case .database:
            if files.exists(directory.standbySignal) {
                return try await startForPromotion(onto: primary.timeline)
            }
        }
        try files.remove(directory.path + "/recovery.signal")
        // Commits that waited for the sync when the server died become visible with its start. Until
        // the sync has them nobody may see them: if it took over without them, they would be gone.
        gateOpen = false
        try writeFiles()
        try await start()
        try await createRoles()
    }

    /// Starts a standby's copy and promotes it.
    ///
    /// Its promotion was declared but not finished. Without it the log would go on where the old
    /// primary's may have, too, and the two could not be told apart.
    private func startForPromotion(onto timeline: TimelineID?) async throws {
        if let timeline { try Timelines(in: directory, files).removeUnfinished(from: timeline) }
        gateOpen = false
        try writeFiles()
        try await start()
        try await promote(onto: timeline)
    }

    private func createDatabase() async throws {
        try await prepareStorage(creating: true)
        for left in directory.leftIncoming { try await directory.removeTree(left) }
        let incoming = directory.newIncoming()
        try files.makeDirectory(files.parent(of: directory.path), mode: 0o755)
        let passwords = settings.passfile + ".initdb"
        try files.remove(passwords)
        try files.makeDirectory(incoming)
        try files.write(settings.secrets.password(of: Secrets.superuser) + "\n", to: passwords)
        defer { unlink(passwords) }
        do {
            _ = try await tool(
                "initdb",
                [
                    "-D", incoming, "-U", Secrets.superuser, "--pwfile=\(passwords)",
                    "--auth=scram-sha-256", "--encoding=UTF8", "--locale=C", "--data-checksums",
                ],
                within: .seconds(300)
            )
            try directory.replace(with: incoming, movingOldTo: nil)
        } catch {
            try await directory.removeTree(incoming)
            throw error
        }
        systemIdentifier = nil
        logger.info("created a database", metadata: ["directory": "\(directory.path)"])
    }

    /// Creates Manatee's roles where they are missing.
    private func createRoles() async throws {
        let present = try await ask(
            "select rolname from pg_roles where rolname in ($1, $2)",
            [Secrets.replicator, Secrets.monitor]
        ).compactMap { $0.first ?? nil }
        if present.count == 2 { return }
        let session = try await PostgresConnection.open(localTarget("manatee_setup"))
        // The standbys that would acknowledge cannot connect before the roles exist; and not even a
        // password's verifier is to show up in the log.
        for statement in [
            "set synchronous_commit = local", "set log_statement = 'none'",
            "set log_min_duration_statement = -1", "set log_min_error_statement = 'panic'",
        ] {
            _ = try await session.query(statement)
        }
        if !present.contains(Secrets.replicator) {
            let verifier = try await verifier(of: Secrets.replicator, session)
            let role = Secrets.replicator
            _ = try await session.query(
                "create role \(role) login replication password '\(verifier)'"
            )
        }
        // What pg_rewind reads the source with.
        for function in [
            "pg_ls_dir(text, boolean, boolean)", "pg_stat_file(text, boolean)",
            "pg_read_binary_file(text)", "pg_read_binary_file(text, bigint, bigint, boolean)",
        ] {
            let role = Secrets.replicator
            _ = try await session.query(
                "grant execute on function pg_catalog.\(function) to \(role)"
            )
        }
        if !present.contains(Secrets.monitor) {
            let verifier = try await verifier(of: Secrets.monitor, session)
            let role = Secrets.monitor
            _ = try await session.query(
                "create role \(role) login password '\(verifier)' in role pg_monitor"
            )
        }
        await session.close()
        logger.info("created the roles of Manatee")
    }

    private func verifier(
        of role: String,
        _ session: PostgresConnection
    ) async throws -> String {
        let text = try await session.verifier(
            for: settings.secrets.password(of: role),
            of: role
        )
        // It is spliced into a statement that cannot take parameters.
        guard
            text.allSatisfy({ $0.isASCII && ($0.isLetter || $0.isNumber || "-$:+/=".contains($0)) })
        else {
            throw PostgresFailure(.other, "libpq made no usable verifier for role \(role)")
        }
        return text
    }

    // MARK: Promoting

    /// Makes a running standby primary, without a restart.
    ///
    /// No gate is needed: the sync's name is in force before the first commit, so none is
    /// acknowledged alone; and what readers saw here before was already on this disk and stays.
    private func promote(onto timeline: TimelineID?) async throws {
        if isGateHeld { gateOpen = false }
        try await applyFiles()
        let names = try await value(of: "show synchronous_standby_names")
        guard names == parameters.standbyNames else {
            throw PostgresFailure(
                .other,
                "did not promote: synchronous_standby_names is \(names ?? "unknown"), not "
                    + "\(parameters.standbyNames); look for it in \(directory.path)/*.conf"
            )
        }
        if let timeline { try await reserveTimelines(before: timeline) }
        let session = try await localSession()
        let startup = try await startupProcess()
        // The kick: a startup process that just lost its upstream sleeps a whole
        // wal_retrieve_retry_interval before it looks at the order; a SIGHUP wakes it.
        let nudge: @Sendable () -> Void = { if let startup { kill(startup, SIGHUP) } }
        let ordered = try await session.query("select pg_promote(false)")
        guard ordered.first?.first == "t" else {
            throw PostgresFailure(.other, "postgres refused to be promoted")
        }
        let promoted = try await session.repeatQuery(
            "select pg_is_in_recovery()",
            until: "f",
            every: .milliseconds(3),
            within: settings.operationTimeout,
            nudge: nudge
        )
        guard promoted else {
            throw PostgresFailure(
                .other,
                "postgres was not promoted within \(settings.operationTimeout); its log ends: "
                    + serverLog.tail()
            )
        }
        role = .primary
        if !gateOpen {
            // A standby that never streamed: applications were refused so far, and stay so until
            // the sync has everything.
            logger.info("promoted with the gate closed")
        }
        let started = try await walTimeline()
        if let timeline, started != timeline {
            logger.error(
                "promoted onto another timeline than declared",
                metadata: ["timeline.declared": "\(timeline)", "timeline.own": "\(started)"]
            )
        }
        logger.info("promoted postgres", metadata: ["timeline": "\(started)"])
        // pg_rewind reads the new timeline from the control file, which only a checkpoint writes.
        checkpointSink.yield()
    }

    /// Makes the next promotion start `timeline`, and no earlier one.
    private func reserveTimelines(before timeline: TimelineID) async throws {
        let session = try await PostgresConnection.open(localTarget("manatee", replication: true))
        let own = try await LogCopy(askedOf: session).sample.end.timeline
        await session.close()
        try Timelines(in: directory, files).reserve(after: own, before: timeline)
    }

    /// The timeline on which the running primary writes.
    private func walTimeline() async throws -> TimelineID {
        let name = try await value(of: "select pg_walfile_name(pg_current_wal_insert_lsn())")
        guard let number = name.flatMap({ UInt32($0.prefix(8), radix: 16) }) else {
            throw PostgresFailure(.other, "cannot tell the timeline from \(name ?? "no name")")
        }
        return TimelineID(number)
    }

    /// The control session, open.
    func localSession() async throws -> PostgresConnection {
        try await ask("select 1")
        guard let control else { throw PostgresFailure(.other, "no session with the own postgres") }
        return control
    }

    /// The process that replays the log; nil if there is none.
    func startupProcess() async throws -> pid_t? {
        let rows = try await ask("select pid from pg_stat_activity where backend_type = 'startup'")
        return rows.first?.first?.flatMap { pid_t($0) }
    }

    // MARK: Another sync

    /// Makes a running primary wait for another standby.
    private func retarget() async throws {
        let before = try await value(of: "show synchronous_standby_names")
        try await applyFiles()
        let after = try await value(of: "show synchronous_standby_names")
        guard after == parameters.standbyNames else {
            throw PostgresFailure(
                .other,
                "synchronous_standby_names is \(after ?? "unknown"), not "
                    + "\(parameters.standbyNames); look for it in \(directory.path)/*.conf"
            )
        }
        guard before == "", after != "" else { return }
        // Whether commits wait at all is decided by a flag in shared memory that the checkpointer
        // sets when it takes the configuration: between two checkpoints it has.
        for _ in 0..<2 { try await ask("checkpoint", within: settings.operationTimeout) }
    }

    // MARK: The gate

    /// Looks once whether applications may write; opens the gate if so.
    func openIfSafe() async throws {
        guard var wanted = opening, callsUnderWay == 0, isRunning, !isGateHeld else { return }
        if wanted.target == nil {
            let asked = wanted
            wanted.target = try await flushedPosition()
            guard opening == asked else { return }
            opening = wanted
        }
        if let name = wanted.name {
            let rows = try await ask(
                """
                select 1 from pg_stat_replication
                where application_name = $1 and state = 'streaming' and sync_state = 'sync'
                and flush_lsn >= $2::pg_lsn and current_setting('synchronous_standby_names') = $3
                """,
                [name, wanted.target?.description, ServerParameters.quotedNames(name)]
            )
            if rows.isEmpty { return }
        }
        // The wish may have changed while the server was asked.
        guard opening == wanted, callsUnderWay == 0 else { return }
        eventSink.yield(.attached(wanted.generation))
        if !gateOpen {
            gateOpen = true
            try await applyFiles()
            guard opening == wanted else { return }
        }
        opening = nil
        opened = wanted
        // Whoever is admitted is not sent away for want of a look at the sync.
        if wanted.name != nil { noteSyncHeard() }
        logger.info(
            "applications may write",
            metadata: ["generation": "\(wanted.generation)", "sync": "\(wanted.name ?? "-")"]
        )
        eventSink.yield(.writesOpened(wanted.generation))
    }

    /// Closes the gate of a running primary whose postmaster restarted itself after a crash of a
    /// backend: that, too, makes waiting commits visible (rule S8).
    func closeGateAfterCrash() throws {
        guard let last = opening ?? opened else { return }
        gateOpen = false
        try writeFiles()
        // The postmaster reads its files while it recovers, long before it admits anybody.
        process?.send(SIGHUP)
        opened = nil
        opening = Opening(generation: last.generation, name: last.name, target: nil)
        openingSink.yield()
        isRestarting = true
        eventSink.yield(.restarting("one of its processes crashed"))
        logger.warning("postgres restarted itself after a crash; the gate is closed")
    }
}
