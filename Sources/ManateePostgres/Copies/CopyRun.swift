import Glibc
import ManateeCore
import ManateeGuard
import ManateePorts
import ManateeProcesses
import Synchronization

/// One inspection: the server in the copy, and what is asked of it.
final class CopyRun: Sendable {
    private let copy: DatabaseCopy
    private let installation: Installation
    private let files: ServerFiles
    private let work: String
    private let server = Mutex<ServerProcess?>(nil)

    init(copy: DatabaseCopy, installation: Installation, files: ServerFiles, work: String) {
        self.copy = copy
        self.installation = installation
        self.files = files
        self.work = work
    }

    /// Starts the copy and looks at all of it.
    func verdict() async throws -> CopyVerdict {
        do {
            try copy.isolate(
                files: files,
                control: try await controlData(),
                socketDirectory: work
            )
            try start()
        } catch let failure as PostgresFailure {
            throw CopyUndecided("the copy cannot be prepared: \(failure.detail)")
        }
        if let failure = try await whyNotReady() { return CopyVerdict(findings: [failure]) }
        do {
            let (databases, position) = try await prepared()
            return CopyVerdict(
                findings: try await findings(),
                databases: databases,
                position: position
            )
        } catch let error as PostgresError {
            guard case .cancelled = error else {
                return CopyVerdict(findings: ["postgres runs in it, but fails: \(error)"])
            }
            throw CancellationError()
        }
    }

    /// Ends the server, and everything that it started.
    func end(within limit: Duration) async {
        guard let server = server.withLock(\.self) else { return }
        server.expectExit()
        for signal in [SIGQUIT, SIGKILL] {
            server.send(signal)
            if await server.exit(within: limit) != nil { break }
        }
        // Its children see its end by themselves, a moment later; the copy is in use until then.
        let deadline = ContinuousClock.now + limit
        while !ProcessTable.servers(in: copy.directory).isEmpty, ContinuousClock.now < deadline {
            for pid in ProcessTable.servers(in: copy.directory) { kill(pid, SIGKILL) }
            // Cancelled or not, they have to go.
            try? await Task.sleep(for: .milliseconds(20))
        }
    }

    // MARK: The server

    private var log: String { work + "/postgres.log" }

    private func controlData() async throws -> [String: String] {
        let runner = CommandRunner(user: files.owner, passfile: work + "/none")
        let program = installation.path("pg_controldata")
        let answer = try await runner.run(program, ["-D", copy.directory], within: .seconds(30))
        guard answer.succeeded else { throw PostgresFailure(.other, answer.errors) }
        return ControlData.fields(of: answer.output)
    }

    private func start() throws(PostgresFailure) {
        let words =
            files.owner.prefix + [installation.path("postgres"), "-D", copy.directory]
        let process = try ServerProcess.spawn(words, output: .newFile(log, mode: 0o600)) { _ in }
        server.withLock { $0 = process }
    }

    /// Waits until the server has recovered; what keeps it from that, if anything does.
    ///
    /// Recovery takes as long as there is log to replay: only the operator's patience bounds it.
    private func whyNotReady() async throws -> String? {
        while true {
            try Task.checkCancellation()
            if let exit = server.withLock({ $0?.exit }) {
                let tail = CopyCheck.tail(log).joined(separator: " | ")
                return "postgres does not start from it (\(exit)): \(tail)"
            }
            do {
                let session = try await PostgresConnection.open(target("postgres"))
                await session.close()
                return nil
            } catch {
                if case .cancelled = error { throw CancellationError() }
                try await Task.sleep(for: .milliseconds(50))
            }
        }
    }

    private func target(_ database: String) -> ConnectionTarget {
        ConnectionTarget(
            host: work,
            port: 5432,
            user: Secrets.superuser,
            database: database,
            credential: .operatingSystem,
            applicationName: "manatee_verify"
        )
    }

    // MARK: Looking

    /// Puts what `pg_amcheck` needs into each database of the copy.
    private func prepared() async throws -> (databases: [String], position: String?) {
        let session = try await PostgresConnection.open(target("postgres"))
        let rows = try await session.query(
            "select datname from pg_database where datallowconn order by 1"
        )
        let position =
            try await session.query(
                "select pg_current_wal_lsn()::text"
            ).first?.first ?? nil
        await session.close()
        let databases = rows.compactMap { $0.first ?? nil }
        for database in databases { try await addCheck(to: database) }
        return (databases, position)
    }

    /// The one thing that is written, and only to the copy: the functions of the check.
    private func addCheck(to database: String) async throws {
        let session = try await PostgresConnection.open(target(database))
        let available = try await session.query(
            "select 1 from pg_available_extensions where name = 'amcheck'"
        )
        guard !available.isEmpty else {
            throw CopyUndecided(
                "PostgreSQL in \(installation.directory) has no extension amcheck: install the "
                    + "package with its contributed programs"
            )
        }
        for statement in [
            "set session characteristics as transaction read write",
            "create extension if not exists amcheck",
            "alter extension amcheck update",
        ] {
            _ = try await session.query(statement, within: .seconds(60))
        }
        await session.close()
    }

    /// What `pg_amcheck` says; it ends with 2 if it found something, and with 1 if it could not look.
    private func findings() async throws -> [String] {
        let output = work + "/amcheck.log"
        let words =
            files.owner.prefix + [
                installation.path("pg_amcheck"), "--host=\(work)", "--port=5432",
                "--username=\(Secrets.superuser)", "--all", "--no-password", "--heapallindexed",
                "--parent-check", "--jobs=2",
            ]
        let check = try ServerProcess.spawn(words, output: .newFile(output, mode: 0o600)) { _ in }
        while check.exit == nil {
            if Task.isCancelled {
                check.send(SIGKILL)
                _ = await check.exit(within: .seconds(10))
                throw CancellationError()
            }
            _ = await check.exit(within: .milliseconds(200))
        }
        let lines = CopyCheck.tail(output)
        switch check.exit {
        case .status(0): return []
        case .status(2): return lines.isEmpty ? ["pg_amcheck found something"] : lines
        case let exit:
            let words = exit.map { "\($0)" } ?? "ended"
            throw CopyUndecided("pg_amcheck \(words): \(lines.joined(separator: " | "))")
        }
    }
}
