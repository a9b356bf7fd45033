package import Logging
package import ManateeCore
package import ManateePorts

/// A peer's own PostgreSQL server, of version 13 to 18.
///
/// It needs an owner: `run` drives the health check, the opening of the gate, the watch over the
/// upstream, and the checkpoint after a promotion, until its task is cancelled. `configure` and the
/// other calls of the port are made while it runs; without it, the gate never opens.
///
/// What the rules of the design become here:
/// - **S3** `stopAcknowledgements`: the receiver is seen gone, or the old sync's walsender is seen to
///   have taken the fence, before the log is sampled.
/// - **S5** a standby's `synchronous_standby_names` is its successor or the fence, never empty, and is
///   read back before a promotion.
/// - **S7** an old copy is looked at before it is started, set aside before it is overwritten, and
///   the new one counts once it streams.
/// - **S8** a server that starts as primary refuses applications until the sync has everything.
package actor PostgresServer: PostgresControl {
    /// What the server runs as.
    enum Role: Equatable {
        case stopped
        case primary
        case standby(PostgresConfiguration.Standby)
        /// A standby whose receiver was stopped on purpose.
        case detached
    }

    /// What must be seen before applications may write in a generation.
    struct Opening: Equatable {
        var generation: Generation
        /// The only standby that may acknowledge; nil if none must.
        var name: String?
        /// What it must have flushed; nil until the primary is able to say.
        var target: LSN?
    }

    /// What happens without being asked for; one consumer.
    package nonisolated let events: AsyncStream<PostgresEvent>

    nonisolated let eventSink: AsyncStream<PostgresEvent>.Continuation
    let settings: Settings
    let logger: Logger
    let files: ServerFiles
    let directory: DataDirectory
    let setAside: SetAside
    let runner: CommandRunner
    let serverLog: ServerLog
    let guardKeeper: GuardKeeper?
    /// What the data lies on; nil for a plain directory.
    let storage: (any DataStorage)?
    /// The other peers' backup servers; nil if there are none.
    let copySource: (any CopySource)?
    let restores = RestoreBoard()

    var installation: Installation?
    /// The major version of `installation`.
    var majorVersion: Int?
    var process: ServerProcess?
    var control: PostgresConnection?
    var role = Role.stopped {
        didSet { if role == .primary, oldValue != .primary { primarySink.yield() } }
    }
    var parameters: ServerParameters
    var gateOpen = false
    /// Whether the gate stays shut whatever else it waits for.
    var isGateHeld = false
    /// When the sync's word was heard last; nil if it is not heard.
    var syncHeardAt: ContinuousClock.Instant?
    /// Addresses of peers that configurations named.
    var peerAddresses: Set<String> = []
    var opening: Opening?
    /// The generation whose writes are open.
    var opened: Opening?
    var systemIdentifier: SystemIdentifier?
    /// Why the own copy cannot be used again; nil if it may be.
    var copyNeeded: String?
    /// Whether the last configuration was not to run.
    var isConfiguredStopped = false
    /// Where a plain directory's old copy was moved to; nil if none was.
    var replacedCopy: String?
    /// Whether the request to rebuild that is there was told already.
    var isRebuildKnown = false
    /// Whether something that was set aside could not be destroyed yet though the peer streams.
    var isolatedStays = false
    /// How many whole copies failed since the peer streamed last; each doubles the pause before the next,
    /// up to 32 s.
    var failedCopies = 0
    /// How many calls of the port are under way: the watches then keep away.
    var callsUnderWay = 0
    var health = PostgresStatus()
    /// Whether the server was told to hang, and has not answered since.
    var isHung = false
    /// Whether the server was told to restart itself, and is not back.
    var isRestarting = false

    let openingSignals: AsyncStream<Void>
    let openingSink: AsyncStream<Void>.Continuation
    let checkpointSignals: AsyncStream<Void>
    let checkpointSink: AsyncStream<Void>.Continuation
    let primarySignals: AsyncStream<Void>
    let primarySink: AsyncStream<Void>.Continuation

    /// A server of these settings; nothing is touched yet.
    ///
    /// - Throws: if the settings cannot work.
    package init(
        _ settings: Settings,
        storage: (any DataStorage)? = nil,
        copySource: (any CopySource)? = nil,
        logger: Logger
    ) throws(PostgresFailure) {
        try settings.check()
        let user = try ServerUser(wanted: settings.osUser)
        self.settings = settings
        self.storage = storage
        self.copySource = copySource
        self.logger = logger
        let files = ServerFiles(owner: user)
        self.files = files
        directory = DataDirectory(path: settings.dataDirectory, files: files)
        setAside = SetAside(directory: settings.setAsideDirectory, files: files)
        runner = CommandRunner(user: user, passfile: settings.passfile)
        serverLog = ServerLog(directory: settings.logDirectory)
        guardKeeper = settings.guarding.map {
            GuardKeeper($0, dataDirectory: settings.dataDirectory, files: files, logger: logger)
        }
        parameters = ServerParameters(settings)
        (events, eventSink) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(64))
        (openingSignals, openingSink) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
        (checkpointSignals, checkpointSink) = AsyncStream.makeStream(
            bufferingPolicy: .bufferingNewest(1)
        )
        (primarySignals, primarySink) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
    }

    /// Looks at the disk; a server that is already running there is adopted.
    package func inventory() async throws(PostgresFailure) -> PostgresInventory {
        do {
            try await prepareStorage()
            // A killed sitter may have set data aside.
            isolatedStays = storage != nil
            switch try directory.contents() {
            case .empty, .incomplete: return .empty
            case .database:
                try await findInstallation()
                try await adoptRunningServer()
                return .database(try await readControlData(directory.path).systemIdentifier)
            }
        } catch {
            throw failure(from: error)
        }
    }

    /// Brings the server to `configuration`.
    package func configure(
        _ configuration: PostgresConfiguration
    ) async throws(PostgresFailure) -> SystemIdentifier? {
        callsUnderWay += 1
        defer { callsUnderWay -= 1 }
        do {
            if !isRunning { try await prepareStorage() }
            try await findInstallation()
            try await adoptRunningServer()
            isConfiguredStopped = false
            switch configuration {
            case .stopped:
                // A former primary must not write a shutdown checkpoint: nobody would receive it,
                // and it alone would make the log diverge.
                await stop(role == .primary ? .immediate : .fast)
                isConfiguredStopped = true
                try await obeyRebuildWhileStopped()
                guard case .database = try directory.contents() else { return nil }
            case .primary(let primary):
                try await becomePrimary(primary)
            case .standby(let standby):
                try await becomeStandby(standby)
            }
            return try await knownSystemIdentifier()
        } catch {
            throw failure(from: error)
        }
    }

    /// Makes sure that nobody acknowledges any more, then samples the log (rule S3).
    package func stopAcknowledgements(
        _ how: AcknowledgementStop
    ) async throws(PostgresFailure) -> WALSample {
        callsUnderWay += 1
        defer { callsUnderWay -= 1 }
        do {
            try await findInstallation()
            try await adoptRunningServer()
            switch how {
            case .detachFromUpstream: return try await detachFromUpstream()
            case .fence(let old): return try await fence(replacing: old)
            case .shutDown: return try await shutDownForSync()
            }
        } catch {
            throw failure(from: error)
        }
    }

    /// What is known now, without asking the server.
    package func status() async -> PostgresStatus {
        var status = health
        status.running = isRunning
        status.restore = restores.status
        status.gateOpen = status.running && gateOpen
        return status
    }

    /// Stops the server in order.
    package func shutDown(within limit: Duration) async {
        callsUnderWay += 1
        defer { callsUnderWay -= 1 }
        await stop(.fast, within: limit)
        await guardKeeper?.dismiss()
    }

    /// Whether a server process is running.
    var isRunning: Bool { process.map { $0.exit == nil } ?? false }

    /// One of our errors as the port's.
    func failure(from error: any Error) -> PostgresFailure {
        switch error {
        case let failure as PostgresFailure: return failure
        case let failure as StorageFailure: return PostgresFailure(failure)
        case is CancellationError, PostgresError.cancelled:
            return PostgresFailure(.cancelled, "superseded by a newer configuration")
        default: return PostgresFailure(.other, "\(error)")
        }
    }

    /// The identifier of the database, read once for each copy.
    func knownSystemIdentifier() async throws -> SystemIdentifier {
        if let systemIdentifier { return systemIdentifier }
        let found = try await readControlData(directory.path).systemIdentifier
        systemIdentifier = found
        return found
    }

    /// Finds the programs for the version of the data, or the newest.
    func findInstallation() async throws {
        if installation != nil { return }
        var version: Int?
        if case .database(let found) = try directory.contents() { version = found }
        let found = try Installation(configured: settings.binDirectory, for: version)
        let program = found.path("postgres")
        let answer = try await runner.run(program, ["--version"], within: .seconds(10))
        let major = Installation.majorVersion(parsing: answer.output)
        guard let major, (13...18).contains(major) else {
            throw PostgresFailure(
                .other,
                "\(program) is not of version 13 to 18: `\(answer.output)` \(answer.errors)"
            )
        }
        if let version, version != major {
            throw PostgresFailure(
                .other,
                "the data in \(directory.path) is of PostgreSQL \(version), but \(program) is of "
                    + "\(major); configure the directory of the right programs, or upgrade the data"
            )
        }
        installation = found
        majorVersion = major
    }

    /// Runs one of PostgreSQL's programs and expects success.
    func tool(
        _ program: String,
        _ arguments: [String],
        within limit: Duration?,
        onErrorLine: @escaping @Sendable (String) -> Void = { _ in }
    ) async throws -> String {
        guard let installation else {
            throw PostgresFailure(.other, "the programs of PostgreSQL were not looked for")
        }
        let path = installation.path(program)
        let answer = try await runner.run(path, arguments, within: limit, onErrorLine: onErrorLine)
        guard answer.succeeded else {
            throw PostgresFailure(
                answer.noSpace ? .noSpace : .other,
                "\(program) failed on \(directory.path): \(answer.errors)"
            )
        }
        return answer.output
    }

    /// What `pg_controldata` says about a database.
    func readControlData(_ path: String) async throws -> ControlData {
        let text = try await tool("pg_controldata", ["-D", path], within: .seconds(30))
        guard let data = ControlData(parsing: text) else {
            throw PostgresFailure(
                .other,
                "cannot understand what pg_controldata prints about \(path)"
            )
        }
        return data
    }
}
