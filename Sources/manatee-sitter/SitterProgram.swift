import FoundationEssentials
import Logging
import ManateeConfiguration
import ManateeCore
import ManateeHTTP
import ManateeHeartbeat
import ManateePorts
import ManateePostgres
import ManateeSitter
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
            try await group().run()
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

    private func group() throws -> ServiceGroup {
        let postgres = try PostgresServer(settings.postgresServer(), logger: part("postgres"))
        let store = try ZooKeeperShard(
            settings: try settings.store(),
            path: settings.shardPath,
            peer: settings.peer.peer,
            logger: part("store")
        )
        let heartbeat = TCPHeartbeat(settings.heartbeatSettings, logger: part("heartbeat"))
        let sitter = Sitter(
            machine: PeerMachine(settings.machine),
            store: store,
            postgres: postgres,
            memory: FileMemory(
                path: settings.memoryFile,
                shard: settings.shardPath,
                peer: settings.peer.id
            ),
            heartbeat: heartbeat,
            wallClock: { WallTime(milliseconds: Int64(Date().timeIntervalSince1970 * 1000)) },
            logger: logger
        )
        let space = SpaceWatch(
            limits: SpaceLimits(warning: settings.space.warning, critical: settings.space.critical),
            room: DataDisk(
                dataDirectory: settings.postgres.dataDirectory,
                reserve: settings.space.reserve
            ),
            election: store,
            isHealthy: { await postgres.status().healthy == true },
            logger: part("space")
        )
        // They end in reverse: the sitter stops deciding and stops postgres, then the peer leaves the
        // election and ends its session; the status is shown to the last.
        let services: [any Service] = [
            StatusServer(
                address: settings.statusServer.listenAddress,
                port: settings.statusServer.port,
                status: StatusPage(sitter: sitter, space: space),
                logger: part("http")
            ),
            StoreWatch(
                status: sitter,
                servers: settings.zooKeeper.servers,
                probe: ServerProbe(settings.zooKeeper.servers).look,
                logger: part("store")
            ),
            Beats(heartbeat: heartbeat),
            StoreService(store: store),
            PostgresWatches(server: postgres),
            space,
            sitter,
        ]
        var configuration = ServiceGroupConfiguration(
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
        configuration.maximumGracefulShutdownDuration = Self.shutdownLimit
        return ServiceGroup(configuration: configuration)
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

/// What the status server shows: the sitter, and the room of its data.
private struct StatusPage: SitterStatus {
    let sitter: Sitter
    let space: SpaceWatch

    func peerView() async -> PeerView { await sitter.peerView() }
    func postgresStatus() async -> PostgresStatus { await sitter.postgresStatus() }
    func spaceStatus() async -> SpaceStatus? { await space.status }
}

/// The store's connection as a service.
private struct StoreService: Service {
    let store: ZooKeeperShard

    func run() async throws { try await store.run() }
}

/// Postgres's own watches as a service; the server itself is stopped by the sitter.
private struct PostgresWatches: Service {
    let server: PostgresServer

    func run() async throws {
        await cancelWhenGracefulShutdown { await server.run() }
    }
}
