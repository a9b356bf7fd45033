import Glibc
import Logging
import ManateeCore
import ManateeGuard
import ManateePorts
import ManateeProcesses

/// Starting, stopping, adopting, and speaking to the server.
extension PostgresServer {
    /// How a server is stopped.
    enum Stop {
        /// In order: sessions are ended, and everything is on disk.
        case fast
        /// At once, as a crash would; the log gets no further record.
        case immediate
    }

    /// The own server, over the local socket.
    func localTarget(_ name: String, replication: Bool = false) -> ConnectionTarget {
        ConnectionTarget(
            host: settings.socketDirectory,
            port: settings.port,
            user: Secrets.superuser,
            credential: .operatingSystem,
            applicationName: name,
            replication: replication
        )
    }

    // MARK: Files

    /// Writes what the server reads, if it differs from what is there.
    ///
    /// - Returns: whether anything changed.
    @discardableResult
    func writeFiles() throws(PostgresFailure) -> Bool {
        let path = directory.path
        var changed = try files.write(parameters.text, to: "\(path)/\(ServerParameters.fileName)")
        changed = try writeAccess() || changed
        let main = "\(path)/postgresql.conf"
        let including = ServerParameters.including(files.read(main) ?? "")
        changed = try files.write(including, to: main) || changed
        let automatic = "\(path)/postgresql.auto.conf"
        let disowned = ServerParameters.disowning(files.read(automatic) ?? "")
        if !disowned.removed.isEmpty {
            logger.warning(
                "removed parameters that Manatee owns from postgresql.auto.conf",
                metadata: ["parameters": "\(disowned.removed.joined(separator: ", "))"]
            )
            changed = try files.write(disowned.text, to: automatic) || changed
        }
        try files.write(settings.secrets.passfile, to: settings.passfile)
        return changed
    }

    /// Writes who may connect, if it differs from what is there.
    ///
    /// - Returns: whether anything changed.
    func writeAccess() throws(PostgresFailure) -> Bool {
        let path = directory.path
        let me = SystemUser.current.name
        let rules = AccessRules(
            gateOpen: gateOpen,
            replicationNetworks: settings.replicationNetworks + peerAddresses.sorted(),
            clients: settings.clientAccess,
            superusers: Set([me, files.owner.user.name]).sorted()
        )
        let changed = try files.write(rules.hostBasedAccess, to: "\(path)/pg_hba.conf")
        return try files.write(rules.identities, to: "\(path)/pg_ident.conf") || changed
    }

    /// Writes the files and, if they changed, sees the server take them.
    func applyFiles() async throws {
        if try writeFiles() { try await reload() }
    }

    /// Makes the server read its files, and returns when it has.
    ///
    /// A reload is asynchronous. Our session reads the files only after the postmaster told it to,
    /// and the postmaster tells its children after it has read them itself; a session that it admits
    /// afterwards is admitted by the new rules.
    func reload() async throws {
        let look = "select pg_conf_load_time()::text"
        let before = try await value(of: look)
        process?.send(SIGHUP)
        try await eventually(within: settings.operationTimeout, "postgres took its configuration") {
            try await self.value(of: look) != before
        }
        let probe = try await PostgresConnection.open(localTarget("manatee_reload"))
        await probe.close()
    }

    // MARK: Starting

    /// Starts the server and returns when it accepts connections.
    ///
    /// What was configured for the whole shard must not keep a peer down: if the server ends at once,
    /// it is started without that.
    func start() async throws {
        let floors = try await parameterFloors()
        if floors != parameters.floors {
            parameters.floors = floors
            try writeFiles()
        }
        do {
            try await startOnce()
        } catch let failure as PostgresFailure where process?.exit != nil {
            guard failure.kind == .other, try dropSharedParameters(because: failure) else {
                throw failure
            }
            try await startOnce()
        }
    }

    private func startOnce() async throws {
        guard let installation else {
            throw PostgresFailure(.other, "the programs of PostgreSQL were not looked for")
        }
        try await clearLeftovers()
        try files.makeDirectory(settings.socketDirectory)
        try files.makeDirectory(settings.logDirectory)
        let words = files.owner.prefix + [installation.path("postgres"), "-D", directory.path]
        process = try ServerProcess.spawn(
            words,
            output: .newFile(serverLog.startupFile, mode: 0o600),
            onLoss: lossReporter()
        )
        logger.info("started postgres", metadata: ["postgres.pid": "\(process?.pid ?? 0)"])
        try await awaitConnections()
    }

    /// Tells that the server ended without being asked to.
    private func lossReporter() -> @Sendable (ProcessExit) -> Void {
        { [eventSink, logger, serverLog] exit in
            let tail = serverLog.tail()
            logger.error(
                "postgres ended without being asked to",
                metadata: ["postgres.exit": "\(exit)", "postgres.log": "\(tail)"]
            )
            eventSink.yield(.lost("postgres \(exit); its log ends: \(tail)"))
        }
    }

    /// Waits until the running server accepts a connection.
    func awaitConnections() async throws {
        guard let process else { throw PostgresFailure(.other, "postgres is not running") }
        if let control, await control.isAlive { return }
        defer { if process.exit == nil { process.expectLife() } }
        let clock = ContinuousClock()
        let deadline = clock.now + settings.operationTimeout
        while true {
            if let exit = process.exit {
                let tail = serverLog.tail()
                let noSpace = tail.contains("No space left on device")
                throw PostgresFailure(
                    noSpace ? .noSpace : .other,
                    "postgres \(exit) while starting on \(directory.path): \(tail)"
                )
            }
            do {
                control = try await PostgresConnection.open(
                    localTarget("manatee"),
                    within: .seconds(2)
                )
                return
            } catch PostgresError.refused(_, let sqlState, let message) where sqlState != "57P03" {
                throw PostgresFailure(.other, "the own postgres refuses the sitter: \(message)")
            } catch PostgresError.cancelled {
                throw CancellationError()
            } catch  where clock.now >= deadline {
                throw PostgresFailure(
                    .other,
                    "postgres does not accept connections after \(settings.operationTimeout) "
                        + "(\(error)); it goes on starting; its log ends: \(serverLog.tail())"
                )
            } catch {
                try await Task.sleep(for: .milliseconds(10))
            }
        }
    }

    /// Makes sure that no process of an earlier server is left, and no lock file of a dead one.
    ///
    /// The children of a killed postmaster live on for milliseconds and hold its shared memory; one
    /// that does not notice is killed, as its postmaster would have done.
    private func clearLeftovers() async throws {
        let clock = ContinuousClock()
        let begin = clock.now
        while true {
            let left = ProcessTable.servers(in: directory.path)
            if left.isEmpty { break }
            let waited = clock.now - begin
            if waited > .seconds(10) {
                throw PostgresFailure(
                    .other,
                    "processes \(left) of an earlier postgres in \(directory.path) do not end; "
                        + "end them by hand"
                )
            }
            if waited > .seconds(1) {
                for pid in left where ProcessTable.isServer(pid, in: directory.path) {
                    kill(pid, SIGKILL)
                }
            }
            try await Task.sleep(for: .milliseconds(5))
        }
        // Nobody works here, so the number in the file is free or somebody else's; the server would
        // take a reused number for a living postmaster.
        if let stale = directory.lockFile {
            logger.info("removed a lock file of a dead postgres", metadata: ["pid": "\(stale.pid)"])
            try files.remove(directory.path + "/postmaster.pid")
        }
    }

    // MARK: Adopting

    /// Takes over a server that is already running on the data directory.
    func adoptRunningServer() async throws {
        if let process {
            if process.exit == nil { return }
            await forgetProcess()
        }
        // Before anything can run that would have to be guarded.
        try await guardKeeper?.begin()
        guard let lock = directory.lockFile,
            let found = ServerProcess.adopt(
                lock.pid,
                in: directory.path,
                onLoss: lossReporter()
            )
        else { return }
        process = found
        guard lock.port == settings.port, lock.socketDirectory == settings.socketDirectory else {
            logger.warning(
                "stopping a running postgres whose port or socket directory is not as configured",
                metadata: ["postgres.pid": "\(lock.pid)"]
            )
            await stop(.immediate)
            return
        }
        logger.info("adopted a running postgres", metadata: ["postgres.pid": "\(lock.pid)"])
        try await awaitConnections()
        let hostBased = files.read(directory.path + "/pg_hba.conf") ?? ""
        gateOpen = !hostBased.contains("The gate is closed")
        let recovering = try await value(of: "select pg_is_in_recovery()") == "t"
        role = recovering ? .detached : .primary
        // What its files say may not have reached it.
        try await reload()
    }

    // MARK: Stopping

    /// Stops the server, more and more firmly; returns when it is gone.
    ///
    /// - Returns: whether it went when it was asked to the first time.
    @discardableResult
    func stop(_ how: Stop, within limit: Duration? = nil) async -> Bool {
        opening = nil
        opened = nil
        await control?.close()
        control = nil
        defer {
            role = .stopped
            gateOpen = false
        }
        guard let process, process.exit == nil else { return true }
        process.expectExit()
        let limit = limit ?? settings.operationTimeout
        let steps: [(Int32, Duration)]
        switch how {
        case .fast: steps = [(SIGINT, limit * 3 / 5), (SIGQUIT, limit * 2 / 5)]
        case .immediate: steps = [(SIGQUIT, .seconds(5))]
        }
        var isFirst = true
        for (signal, patience) in steps + [(SIGKILL, .seconds(5))] {
            process.send(signal)
            if let exit = await process.exit(within: patience) {
                logger.info("stopped postgres", metadata: ["postgres.exit": "\(exit)"])
                self.process = nil
                return isFirst
            }
            isFirst = false
            logger.warning(
                "postgres did not stop in time",
                metadata: ["signal": "\(signal)", "patience": "\(patience)"]
            )
        }
        self.process = nil
        return false
    }

    private func forgetProcess() async {
        process = nil
        await control?.close()
        control = nil
        role = .stopped
        gateOpen = false
        opening = nil
        opened = nil
    }

    // MARK: Asking

    /// Runs a statement on the own server.
    ///
    /// The session may have died since it was used last; then a new one is tried, once.
    @discardableResult
    func ask(
        _ sql: String,
        _ values: [String?] = [],
        within limit: Duration = .seconds(5)
    ) async throws -> [PostgresConnection.Row] {
        if let control {
            do {
                return try await control.query(sql, values, within: limit)
            } catch PostgresError.unreachable {
                await control.close()
            } catch PostgresError.statementFailed(_, _, "57P01", _) {
                await control.close()
            }
        }
        let fresh = try await PostgresConnection.open(localTarget("manatee"))
        control = fresh
        return try await fresh.query(sql, values, within: limit)
    }

    /// The first column of the first row of an answer of the own server; nil if there is none.
    func value(of sql: String) async throws -> String? {
        try await ask(sql).first?.first ?? nil
    }

    /// Waits for a condition, looking every few milliseconds.
    ///
    /// - Throws: if it does not hold in time, if the server ends, or if the task is cancelled.
    func eventually(
        within limit: Duration,
        every pause: Duration = .milliseconds(2),
        _ wanted: String,
        _ holds: () async throws -> Bool
    ) async throws {
        let clock = ContinuousClock()
        let deadline = clock.now + limit
        while try await !holds() {
            if let exit = process?.exit {
                throw PostgresFailure(
                    .other,
                    "postgres \(exit) before \(wanted); its log ends: \(serverLog.tail())"
                )
            }
            guard clock.now < deadline else {
                throw PostgresFailure(.other, "not within \(limit): \(wanted)")
            }
            try await Task.sleep(for: pause)
        }
    }
}
