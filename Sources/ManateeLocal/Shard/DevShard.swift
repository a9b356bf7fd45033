import Foundation
import Glibc
import ManateeBackup
import ManateeCore
import ManateePostgres

/// A whole shard on this machine: ZooKeeper, sitters, and what they start.
///
/// Peers count from 1. Every verb that waits says what it waited for when it gives up, with the ends
/// of the logs. Whoever starts a shard calls ``stopAll()`` at the end, whatever happened, from a task
/// that is not cancelled.
package actor DevShard {
    /// How a shard is run.
    package struct Options: Sendable {
        /// How many peers; default 3.
        package var peers = 3
        /// How many ZooKeeper servers, 1 or 3; default 1.
        package var storeNodes = 1
        /// How long the store waits for a silent sitter, when the shard is new; default 4 s.
        package var sessionTimeout = Duration.seconds(4)
        /// ZooKeeper's unit of time, when the shard is new; default 500 ms.
        package var tick = Duration.milliseconds(500)
        /// Where to look for free ports, when the shard is new; default 15432.
        package var firstPort = 15_432
        /// What the data lies on, when the shard is new; default: a plain directory.
        package var storage = DevStorage.directory
        /// How large a file system of its own pretends to be, in GiB, when the shard is new; default 8.
        package var fileSystemGigabytes = 8
        /// How large a file system of its own for each peer pretends to be, when the shard is new;
        /// default: they share one.
        package var peerDiskMegabytes: Int?
        /// The program `manatee-sitter`.
        package var sitterProgram: String
        /// The program `manatee-backupserver`, which a plain directory does without; default none.
        package var backupServerProgram: String?
        /// Further lines of the backup servers' configuration; default none.
        package var backupServerLines: [String] = []
        /// Further lines of the sitters' configuration; default none.
        package var sitterLines: [String] = []

        /// Options with defaults for everything but the program.
        package init(sitterProgram: String) {
            self.sitterProgram = sitterProgram
        }
    }

    /// Where the shard lives.
    package nonisolated let directory: DevDirectory
    /// What was chosen when it was made.
    package nonisolated let settings: DevSettings
    /// Looks at it from outside.
    package nonisolated let observer: ShardObserver
    private let options: Options
    private let store: ZooKeeperEnsemble
    private var sitters: [Int: ChildProcess] = [:]
    private var backupServers: [Int: ChildProcess] = [:]
    private let fileSystem: DevFileSystem

    /// Makes the shard's files in `directory`, or takes up what an earlier run left there; starts nothing.
    ///
    /// What still runs from an earlier run is ended first.
    ///
    /// - Throws: ``DevDirectoryFailure``, ``PortPlanFailure``, ``DevShardFailure`` if the shard is
    ///   running, or what the file system said.
    package static func prepare(
        in directory: DevDirectory,
        _ options: Options
    ) async throws -> DevShard {
        try directory.prepare()
        let runner = PidFile(path: directory.runnerFile)
        if let other = runner.running, other.pid != getpid() {
            throw DevShardFailure.running(directory: directory.path, pid: other.pid)
        }
        if let own = ProcessRecord(running: getpid()) { try runner.write(own) }
        let existing = try DevSettings.load(from: directory)
        if let existing { await Self.endLeftovers(in: directory, settings: existing) }
        let ports = try PortPlan.plan(
            peers: options.peers,
            storeNodes: options.storeNodes,
            existing: existing?.ports,
            startingAt: options.firstPort,
            isFree: FreePorts.isFree
        )
        if let count = existing?.ports.storeNodes.count, count != options.storeNodes {
            throw DevShardFailure.otherStoreSize(directory: directory.path, has: count)
        }
        let settings = DevSettings(
            shard: existing?.shard ?? "1",
            ports: ports,
            sessionTimeoutMilliseconds: existing?.sessionTimeoutMilliseconds
                ?? options.sessionTimeout.milliseconds,
            tickMilliseconds: existing?.tickMilliseconds ?? options.tick.milliseconds,
            storage: existing == nil ? options.storage : existing?.storage,
            peerDiskMegabytes: existing == nil
                ? options.peerDiskMegabytes : existing?.peerDiskMegabytes
        )
        try settings.save(to: directory)
        let fileSystem = DevFileSystem(
            settings.storage ?? .directory,
            in: directory,
            volumes: settings.volumes(
                in: directory,
                megabytes: options.fileSystemGigabytes * 1024
            )
        )
        do {
            try await fileSystem.setUp()
            return try DevShard(directory, settings, options, fileSystem)
        } catch {
            try await fileSystem.tearDown()
            throw error
        }
    }

    private init(
        _ directory: DevDirectory,
        _ settings: DevSettings,
        _ options: Options,
        _ fileSystem: DevFileSystem
    ) throws {
        self.fileSystem = fileSystem
        self.directory = directory
        self.settings = settings
        self.options = options
        observer = ShardObserver(settings: settings, directory: directory)
        store = try ZooKeeperEnsemble(
            count: settings.ports.storeNodes.count,
            directory: directory.storeDirectory,
            clientPorts: settings.ports.storeNodes,
            installation: try ZooKeeperInstallation.find()
        ) {
            $0.tick = .milliseconds(settings.tickMilliseconds)
        }
        try writeFiles()
    }

    /// How many peers the shard has.
    package nonisolated var peerCount: Int { settings.ports.peers.count }

    private nonisolated var peers: ClosedRange<Int> { 1...peerCount }

    private nonisolated func writeFiles() throws {
        let files = FileManager.default
        let owner = try DevConfigurationWriter.postgresOwner()
        if !files.fileExists(atPath: directory.secretsFile) {
            try Secrets.generate().save(to: directory.secretsFile)
        }
        if !files.fileExists(atPath: directory.operatorTokenFile) {
            try BackupToken().save(to: directory.operatorTokenFile)
        }
        if hasBackupServers, !files.fileExists(atPath: directory.backupTokenFile) {
            try BackupToken().save(to: directory.backupTokenFile)
        }
        try DevApplication.preparePassfile(of: directory)
        for peer in peers {
            let home = directory.peerDirectory(peer)
            try files.createDirectory(atPath: home, withIntermediateDirectories: true)
            try DevConfigurationWriter.give(home, to: owner)
            if hasBackupServers {
                let lines =
                    BackupServerYAML.text(peer: peer, settings: settings, directory: directory)
                    + options.backupServerLines.map { $0 + "\n" }.joined()
                try lines.write(
                    toFile: directory.backupConfigurationFile(peer),
                    atomically: true,
                    encoding: .utf8
                )
            }
            let text = SitterYAML.text(
                peer: peer,
                settings: settings,
                directory: directory,
                asRoot: owner != nil
            )
            try (text + options.sitterLines.map { $0 + "\n" }.joined()).write(
                toFile: directory.configurationFile(peer),
                atomically: true,
                encoding: .utf8
            )
        }
    }

    // MARK: Store

    /// Starts all ZooKeeper servers and waits until they serve.
    package func startStore() async throws {
        try await store.start()
        for (index, server) in store.servers.enumerated() {
            try await remember("zookeeper\(index + 1)", server.processID)
        }
    }

    /// Stops all ZooKeeper servers.
    package func stopStore() async {
        await store.stop()
        for index in store.servers.indices {
            PidFile(path: directory.pidFile("zookeeper\(index + 1)")).remove()
        }
    }

    /// The ZooKeeper servers, to disturb them one by one.
    package nonisolated var storeServers: [ZooKeeperServer] { store.servers }

    // MARK: Peers

    /// Starts store and peers, and waits for nothing but the store.
    package func startAll() async throws {
        try await startStore()
        for peer in peers { try await start(peer) }
    }

    /// Starts the peer's sitter; does nothing if it runs.
    package func start(_ peer: Int) async throws {
        try await startBackupServer(of: peer)
        guard sitters[peer]?.isRunning != true else { return }
        var launch = ChildProcess.Launch(
            program: options.sitterProgram,
            arguments: ["-f", directory.configurationFile(peer)],
            logFile: directory.logFile(peer)
        )
        // It ends in order, and its postgres with it, even if this process is killed.
        launch.parentDeathSignal = .terminate
        let sitter = try await ChildProcess.start(launch)
        sitters[peer] = sitter
        try remember("sitter\(peer)", sitter.processID)
    }

    /// Ends the peer in order, as an operator does.
    package func stop(_ peer: Int) async {
        await sitters[peer]?.stop(patience: .seconds(30))
        sitters[peer] = nil
        await backupServers[peer]?.stop(patience: .seconds(25))
        backupServers[peer] = nil
        await ServerProcesses.end(in: dataDirectory(peer))
        PidFile(path: directory.pidFile("sitter\(peer)")).remove()
    }

    private nonisolated func dataDirectory(_ peer: Int) -> String {
        settings.dataDirectory(peer, in: directory)
    }

    private nonisolated var hasBackupServers: Bool {
        options.backupServerProgram != nil && (settings.storage ?? .directory) != .directory
    }

    private func startBackupServer(of peer: Int) async throws {
        guard hasBackupServers, backupServers[peer]?.isRunning != true,
            let program = options.backupServerProgram
        else { return }
        backupServers[peer] = try await ChildProcess.start(
            ChildProcess.Launch(
                program: program,
                arguments: ["-f", directory.backupConfigurationFile(peer)],
                logFile: directory.backupLogFile(peer)
            )
        )
    }

    /// Kills the peer's sitter and its postgres together, as a power failure does; returns when all of
    /// their processes are gone.
    package func kill(_ peer: Int) async {
        let sitter = sitters[peer]
        let helpers = sitter.flatMap { ProcessRecord(running: $0.processID) }?.descendants() ?? []
        let servers = ServerProcesses.running(in: dataDirectory(peer))
        await backupServers[peer]?.stop(signal: SIGKILL)
        backupServers[peer] = nil
        sitter?.send(SIGKILL)
        for process in servers + helpers { Glibc.kill(process.pid, SIGKILL) }
        await sitter?.stop(signal: SIGKILL)
        await ServerProcesses.end(in: dataDirectory(peer), kill: true)
        sitters[peer] = nil
    }

    /// Kills the peer's sitter only; its postgres goes on, until its guard stops it.
    package func killSitter(_ peer: Int) async {
        await sitters[peer]?.stop(signal: SIGKILL)
        sitters[peer] = nil
    }

    /// Kills the peer's backup server only; ``start(_:)`` starts it again, as a supervisor does.
    package func killBackupServer(_ peer: Int) async {
        await backupServers[peer]?.stop(signal: SIGKILL)
        backupServers[peer] = nil
    }

    /// The peer's sitter; nil while none runs.
    package func sitter(of peer: Int) -> ProcessRecord? {
        sitters[peer].flatMap { ProcessRecord(running: $0.processID) }
    }

    /// Kills the peer's postgres only.
    package func killPostgres(_ peer: Int) async {
        for process in ServerProcesses.running(in: dataDirectory(peer)) {
            Glibc.kill(process.pid, SIGKILL)
        }
    }

    /// Stops all processes of the peer until ``resume(_:)``, as if its machine had stopped.
    package func freeze(_ peer: Int) {
        sitters[peer]?.freeze()
        GuardProcesses.send(SIGSTOP, for: dataDirectory(peer))
        for process in ServerProcesses.running(in: dataDirectory(peer)) {
            Glibc.kill(process.pid, SIGSTOP)
        }
    }

    /// Lets the peer go on after ``freeze(_:)``.
    package func resume(_ peer: Int) {
        GuardProcesses.send(SIGCONT, for: dataDirectory(peer))
        for process in ServerProcesses.running(in: dataDirectory(peer)) {
            Glibc.kill(process.pid, SIGCONT)
        }
        sitters[peer]?.thaw()
    }

    /// Fills the peer's own file system to its last byte.
    ///
    /// - Throws: if it is not full then.
    package nonisolated func fillDisk(of peer: Int) async throws {
        try await fileSystem.fill(volume: peer - 1)
    }

    /// Takes out again what filled it.
    package nonisolated func emptyDisk(of peer: Int) async throws {
        try await fileSystem.empty(volume: peer - 1)
    }

    /// How the peer's sitter ended by itself; nil while it runs, or if it was ended by a verb.
    package func exit(of peer: Int) -> ChildProcess.Exit? { sitters[peer]?.exit }

    // MARK: Looking

    /// What the shard looks like now.
    ///
    /// - Throws: if the store does not answer.
    package nonisolated func status() async throws -> ShardStatus { try await observer.look() }

    /// Looks until `condition` holds.
    ///
    /// - Parameters:
    ///   - what: what is waited for, for the error.
    ///   - limit: how long.
    ///   - condition: whether the status is as wanted.
    /// - Returns: the status in which it held.
    /// - Throws: ``WaitFailure`` with the ends of the logs; ``DevShardFailure`` if a sitter ended by
    ///   itself with a failure.
    @discardableResult
    package func waitUntil(
        _ what: String,
        within limit: Duration,
        _ condition: @Sendable (ShardStatus) -> Bool
    ) async throws -> ShardStatus {
        try await Waiting.until(
            what,
            within: limit,
            every: .milliseconds(100),
            tail: { LogTail.text(self.peers.map(self.directory.logFile)) },
            {
                for peer in peers {
                    guard let exit = sitters[peer]?.exit else { continue }
                    throw DevShardFailure.sitterEnded(
                        peer: peer,
                        exit: exit,
                        log: LogTail.text([directory.logFile(peer)])
                    )
                }
                do {
                    let status = try await observer.look()
                    return condition(status)
                        ? .there(status) : .notYet(status.line(expecting: peerCount))
                } catch is CancellationError {
                    throw CancellationError()
                } catch {
                    return .notYet("\(error)")
                }
            }
        )
    }

    /// Waits until the shard is whole: every peer in the chain, streaming, and writes admitted.
    ///
    /// The first time, it also makes the application's role and database.
    @discardableResult
    package func waitUntilHealthy(within limit: Duration) async throws -> ShardStatus {
        let count = peerCount
        let deadline = ContinuousClock.now + limit
        let status = try await waitUntil("a primary whose sync streams", within: limit) { status in
            status.state?.sync.map { status.streams($0.id) } ?? false
        }
        try await createApplication(on: status)
        return try await waitUntil(
            "a healthy shard of \(count) peers",
            within: ContinuousClock.now.duration(to: deadline)
        ) { $0.problems(expecting: count).isEmpty }
    }

    private var hasApplication = false

    private func createApplication(on status: ShardStatus) async throws {
        guard !hasApplication, let primary = status.state?.primary,
            let number = observer.number(of: primary.id)
        else { return }
        try await Waiting.until(
            "the application's role and database",
            within: .seconds(60),
            tail: { LogTail.text([self.directory.logFile(number)]) },
            {
                do {
                    let connection = try await observer.superuser(of: number)
                    try await DevApplication.create(through: connection, directory: directory)
                    await connection.close()
                    return .there(())
                } catch let error as PostgresError {
                    // A primary that is still being promoted refuses to write.
                    return .notYet("\(error)")
                }
            }
        )
        hasApplication = true
    }

    // MARK: Ending

    /// Ends everything in order, in which no role changes: asyncs, sync, primary, store.
    ///
    /// Call it from a task that is not cancelled.
    package func stopAll() async {
        for peer in await stopOrder() { await stop(peer) }
        await stopStore()
        PidFile(path: directory.runnerFile).remove()
    }

    /// Unmounts the shard's file system, if it has one of its own; everything must have been stopped.
    ///
    /// - Throws: if it stays mounted: then the directory must not be removed.
    package func unmount() async throws { try await fileSystem.tearDown() }

    private func stopOrder() async -> [Int] {
        let chain: [PeerID]
        do {
            guard sitters.values.contains(where: \.isRunning) else { return Array(peers) }
            chain = try await observer.look().state?.chain.map(\.id) ?? []
        } catch {
            // Without the store any order will do: no role can change.
            chain = []
        }
        let known = chain.reversed().compactMap(observer.number)
        return peers.filter { !known.contains($0) } + known
    }

    private nonisolated func remember(_ name: String, _ pid: Int32?) throws {
        guard let pid, let record = ProcessRecord(running: pid) else { return }
        try PidFile(path: directory.pidFile(name)).write(record)
    }

    /// Ends the shard in `directory`, whoever runs it, and what was left behind.
    ///
    /// - Returns: how many processes of Manatee's there were.
    /// - Throws: ``DevDirectoryFailure`` if it is not the directory of a local shard.
    package static func bringDown(_ directory: DevDirectory) async throws -> Int {
        guard directory.isMarked else { throw DevDirectoryFailure.foreign(path: directory.path) }
        let runner = PidFile(path: directory.runnerFile).running.map { [$0] } ?? []
        // It stops its shard in order, which may take it this long.
        await end(runner, patience: .seconds(90))
        guard let settings = try DevSettings.load(from: directory) else { return runner.count }
        return runner.count + (await endLeftovers(in: directory, settings: settings))
    }

    /// Ends what still runs from `directory`: as its files and `/proc` say, never by name.
    ///
    /// - Returns: how many sitters, postgres servers without a sitter, and ZooKeeper servers there were.
    @discardableResult
    static func endLeftovers(in directory: DevDirectory, settings: DevSettings) async -> Int {
        let peers = 1...max(1, settings.ports.peers.count)
        let stores = 1...max(1, settings.ports.storeNodes.count)
        let sitters = peers.compactMap { PidFile(path: directory.pidFile("sitter\($0)")).running }
        await end(sitters, patience: .seconds(30))
        var orphans = 0
        for peer in peers {
            let data = settings.dataDirectory(peer, in: directory)
            if !ServerProcesses.running(in: data).isEmpty { orphans += 1 }
            await ServerProcesses.end(in: data)
            PidFile(path: directory.pidFile("sitter\(peer)")).remove()
        }
        let servers = stores.compactMap {
            PidFile(path: directory.pidFile("zookeeper\($0)")).running
        }
        await end(servers, patience: .seconds(10))
        for store in stores { PidFile(path: directory.pidFile("zookeeper\(store)")).remove() }
        return sitters.count + orphans + servers.count
    }

    private static func end(_ processes: [ProcessRecord], patience: Duration) async {
        for process in processes where process.isRunning {
            Glibc.kill(process.pid, SIGTERM)
            Glibc.kill(process.pid, SIGCONT)
        }
        await ServerProcesses.gone(within: patience) { !processes.contains(where: \.isRunning) }
        for process in processes where process.isRunning { Glibc.kill(process.pid, SIGKILL) }
        await ServerProcesses.gone(within: .seconds(5)) { !processes.contains(where: \.isRunning) }
    }
}
