import FoundationEssentials
import Logging
import ManateeAdmin
import ManateeBackup
import ManateeConfiguration
import ManateeCore
import ManateeDaemon
import ManateeHTTP
import ManateeHeartbeat
import ManateeHooks
import ManateeJournal
import ManateePorts
import ManateePostgres
import ManateeSitter
import ManateeSnapshots
import ManateeStorage
import ManateeStore
import ServiceLifecycle
import UnixSignals

/// The sitter, put together: the only place where adapters meet the shell.
struct SitterProgram {
    /// How long all of it may take to end in order; postgres alone may take most of it.
    private static let shutdownLimit = Sitter.shutdownLimit + .seconds(10)

    private let settings: SitterSettings
    private let logger: Logger

    init(_ settings: SitterSettings, logger: Logger) {
        self.settings = settings
        self.logger = logger
    }

    /// Runs until SIGTERM, SIGINT, or something that only an operator can mend.
    func run() async throws(ProgramFailure) {
        logger.info(
            "sitter starts",
            metadata: ["peer.id": "\(settings.peer.id)", "shard": "\(settings.shardPath)"]
        )
        do {
            try await group(await remembered()).run()
        } catch {
            let failure = ProgramFailure(ending: error)
            logger.critical(
                "sitter ends",
                metadata: [
                    "exit.status": .stringConvertible(failure.status.rawValue),
                    "reason": "\(failure.message)",
                ]
            )
            throw failure
        }
        logger.info("sitter ended in order")
    }

    /// The shard's configuration as it was last; what cannot be read is made anew from the store.
    private func remembered() async -> ClusterConfiguration {
        do {
            let remembered = try await configurationMemory.load() ?? ClusterConfiguration()
            let detection = remembered.detection.applied(to: settings.failureDetection.limits)
            return detection.problems.isEmpty ? remembered : ClusterConfiguration()
        } catch {
            logger.warning("no configuration is remembered", metadata: ["error": "\(error)"])
            return ClusterConfiguration()
        }
    }

    private var configurationMemory: FileConfigurationMemory {
        FileConfigurationMemory(path: settings.memoryFile + ".config")
    }

    private func group(_ remembered: ClusterConfiguration) throws -> ServiceGroup {
        var server = try settings.postgresServer()
        server.clusterParameters = remembered.parameters
        var machine = settings.machine
        machine.detection = remembered.detection.applied(to: machine.detection)
        let postgres = try PostgresServer(
            server,
            storage: settings.storage?.storage(logger: part("storage")),
            copySource: try copySource(),
            logger: part("postgres")
        )
        let store = try ZooKeeperShard(
            settings: try settings.store(),
            path: settings.shardPath,
            peer: settings.peer.peer,
            logger: part("store")
        )
        let heartbeat = TCPHeartbeat(settings.heartbeatSettings, logger: part("heartbeat"))
        let hooks = HookQueue(
            runner: ProcessHooks(settings.hooks.commands, limit: settings.hooks.limit),
            logger: part("hooks")
        )
        let sitter = Sitter(
            machine: PeerMachine(machine),
            store: store,
            postgres: postgres,
            memory: FileMemory(
                path: settings.memoryFile,
                shard: settings.shardPath,
                peer: settings.peer.id
            ),
            records: FileRecordStorage(
                path: settings.memoryFile + ".records",
                shard: settings.shardPath,
                peer: settings.peer.id
            ),
            heartbeat: heartbeat,
            hooks: hooks,
            shard: settings.shardName,
            wallClock: Self.timeOfDay,
            logger: logger
        )
        let configuration = ConfigurationWatch(
            source: store,
            memory: configurationMemory,
            remembered: remembered,
            postgres: postgres,
            ownDetection: settings.failureDetection.limits,
            adoptDetection: { await sitter.adopt($0) },
            postgresStatus: { await postgres.status() },
            logger: part("config")
        )
        let (surveyor, desk) = try shardWide(of: sitter, store)
        let space = SpaceWatch(
            limits: SpaceLimits(warning: settings.space.warning, critical: settings.space.critical),
            room: room,
            election: store,
            isHealthy: { await postgres.status().healthy == true },
            logger: part("space")
        )
        let snapshots = settings.storage.map { storage in
            let logger = part("snapshots")
            return SnapshotWatch(storage: storage.storage(logger: logger), logger: logger)
        }
        // They end in reverse: the sitter stops deciding and stops postgres, then the peer leaves the
        // election and ends its session; the status is shown to the last.
        var services: [any Service] = [
            StatusServer(
                address: settings.statusServer.listenAddress,
                port: settings.statusServer.port,
                status: StatusPage(
                    sitter: sitter,
                    space: space,
                    configuration: configuration,
                    heartbeat: heartbeat,
                    snapshots: snapshots
                ),
                context: try context(surveyor, desk),
                logger: part("http")
            ),
            Background { await surveyor.run() },
            Background { await desk.run() },
            StoreWatch(
                status: sitter,
                servers: settings.zooKeeper.servers,
                probe: ServerProbe(settings.zooKeeper.servers).look,
                logger: part("store")
            ),
            Beats(heartbeat: heartbeat),
            StoreService(store: store),
            Background { await postgres.run() },
            space,
            hooks,
            configuration,
            sitter,
        ]
        if let snapshots { services.insert(snapshots, at: 1) }
        var grouping = ServiceGroupConfiguration(
            services: services.map {
                .init(
                    service: $0,
                    successTerminationBehavior: .gracefullyShutdownGroup,
                    failureTerminationBehavior: .gracefullyShutdownGroup
                )
            },
            gracefulShutdownSignals: [.sigterm, .sigint],
            logger: part("services", level: .error)
        )
        grouping.maximumGracefulShutdownDuration = Self.shutdownLimit
        return ServiceGroup(configuration: grouping)
    }

    @Sendable private static func timeOfDay() -> WallTime {
        WallTime(milliseconds: Int64(Date().timeIntervalSince1970 * 1000))
    }

    /// Where the data lies, with the reserve.
    private var room: any DataRoom {
        settings.storage?.room(reserve: settings.space.reserve, logger: part("storage"))
            ?? DataDisk(
                dataDirectory: settings.postgres.dataDirectory,
                reserveFile: settings.reserveFile,
                reserve: settings.space.reserve
            )
    }

    /// Who looks at the whole shard, and who changes it when an operator asks.
    private func shardWide(
        of sitter: Sitter,
        _ store: ZooKeeperShard
    ) throws -> (ShardSurveyor, OperationDesk) {
        let shards = try settings.shards(logger: part("operations", level: .error))
        let (servers, name) = (settings.zooKeeper.servers, settings.shardName)
        let probe = try MonitorProbe(secretFile: settings.postgres.secretFile)
        let surveyor = ShardSurveyor(
            status: sitter,
            probe: probe,
            history: { try await store.history() },
            roundTrip: {
                let clock = ContinuousClock()
                let begun = clock.now
                // Why it failed is told by the store itself.
                guard (try? await store.read()) != nil else { return nil }
                return begun.duration(to: clock.now)
            },
            wallClock: Self.timeOfDay
        )
        let desk = OperationDesk(
            status: sitter,
            store: shards,
            servers: servers,
            shard: name,
            peer: OwnPeer(settings: settings, status: sitter),
            probe: probe,
            wallClock: Self.timeOfDay
        )
        return (surveyor, desk)
    }

    private func context(
        _ surveyor: ShardSurveyor,
        _ desk: OperationDesk
    ) throws(ProgramFailure) -> StatusContext {
        StatusContext(
            peer: settings.peer.peer,
            shard: settings.shardName,
            version: ManateeVersion.text,
            port: settings.statusServer.port,
            survey: surveyor,
            operations: desk,
            token: try settings.statusServer.token(),
            dataDirectory: settings.postgres.dataDirectory,
            wallClock: Self.timeOfDay
        )
    }

    /// The other peers' backup servers; nil where nothing could come from them, or nobody may ask.
    private func copySource() throws(ProgramFailure) -> (any CopySource)? {
        switch settings.storage {
        case nil, .directory: return nil
        case .zfs, .btrfs: break
        }
        guard FileManager.default.fileExists(atPath: settings.backupTokenFile) else {
            logger.warning(
                "no token for backup servers: copies come from running servers only",
                metadata: ["backup.token": "\(settings.backupTokenFile)"]
            )
            return nil
        }
        do {
            return BackupPuller(
                token: try BackupToken(file: settings.backupTokenFile),
                logger: part("backup")
            )
        } catch {
            throw ProgramFailure(.configuration, error.description)
        }
    }

    private func part(_ label: String, level: Logger.Level? = nil) -> Logger {
        var logger = Logger(label: label)
        if let level { logger.logLevel = max(level, logger.logLevel) }
        return logger
    }
}

/// The beats as a service.
private struct Beats: Service {
    let heartbeat: TCPHeartbeat

    func run() async throws { try await heartbeat.run() }
}

/// What the status server shows: the sitter, and what is around it.
private struct StatusPage: SitterStatus {
    let sitter: Sitter
    let space: SpaceWatch
    let configuration: ConfigurationWatch
    let heartbeat: TCPHeartbeat
    let snapshots: SnapshotWatch?

    func peerView() async -> PeerView { await sitter.peerView() }
    func journal() async -> Journal { await sitter.journal() }

    func entries(after number: Int?) async -> AsyncStream<JournalEntry> {
        await sitter.entries(after: number)
    }

    func postgresStatus() async -> PostgresStatus { await sitter.postgresStatus() }
    func spaceStatus() async -> SpaceStatus? { await space.status }
    func configurationStatus() async -> ConfigurationStatus? { await configuration.status() }
    func hearing() async -> [PeerHearing] { await heartbeat.hearing() }
    func snapshotStatus() async -> SnapshotStatus? { await snapshots?.status }
}

/// The store's connection as a service.
private struct StoreService: Service {
    let store: ZooKeeperShard

    func run() async throws { try await store.run() }
}

/// Work that goes on until the program ends, as a service.
private struct Background: Service {
    let work: @Sendable () async -> Void

    func run() async throws {
        await cancelWhenGracefulShutdown { await work() }
    }
}
