import Logging
import ManateeClient
import ManateeConfiguration
import ManateeDaemon
import ManateeProxy
import NIOCore
import NIOPosix
import ServiceLifecycle
import UnixSignals

/// The proxy, put together: what follows the shard meets what relays.
struct ProxyProgram {
    private let settings: ProxySettings
    private let logger: Logger

    init(_ settings: ProxySettings, logger: Logger) {
        self.settings = settings
        self.logger = logger
    }

    /// Runs until SIGTERM, SIGINT, or something that only an operator can mend.
    func run() async throws(ProgramFailure) {
        let threads = settings.threads ?? max(1, System.coreCount / 2)
        let group = MultiThreadedEventLoopGroup(numberOfThreads: threads)
        do {
            try await services(on: group).run()
            try await group.shutdownGracefully()
        } catch {
            let failure = Self.failure(ending: error)
            logger.critical(
                "the proxy ends",
                metadata: [
                    "exit.status": .stringConvertible(failure.status.rawValue),
                    "reason": "\(failure.message)",
                ]
            )
            throw failure
        }
        logger.info("the proxy ended in order")
    }

    private func services(on group: MultiThreadedEventLoopGroup) throws -> ServiceGroup {
        let client = ManateeClient(
            configuration: try settings.store(),
            logger: Logger(label: "store")
        )
        let shard = try client.shard(settings.shardPath)
        let proxy = ProxyServer(settings: settings.proxy, group: group, logger: logger)
        // They end in reverse: clients are seen off while the shard is still followed, since a primary
        // that is replaced meanwhile must not be used any more.
        var services: [any Service] = [StoreService(client: client)]
        if let admin = settings.admin {
            services.append(
                AdminServer(
                    of: proxy,
                    address: admin.listenAddress,
                    port: admin.port,
                    group: group,
                    isStoreCurrent: { shard.status == .following }
                )
            )
        }
        services += [ShardService(shard: shard, proxy: proxy, logger: logger), proxy]
        var configuration = ServiceGroupConfiguration(
            services: services.map {
                .init(
                    service: $0,
                    successTerminationBehavior: .gracefullyShutdownGroup,
                    failureTerminationBehavior: .gracefullyShutdownGroup
                )
            },
            gracefulShutdownSignals: [.sigterm, .sigint],
            logger: Logger(label: "services") { _ in SwiftLogNoOpLogHandler() }
        )
        configuration.maximumGracefulShutdownDuration = settings.drainTimeout + .seconds(10)
        return ServiceGroup(configuration: configuration)
    }

    private static func failure(ending error: any Error) -> ProgramFailure {
        switch error {
        case let failure as ProgramFailure: failure
        case ProxyFailure.portInUse: ProgramFailure(.temporary, "\(error)")
        case ProxyFailure.cannotListen: ProgramFailure(.configuration, "\(error)")
        case let error as ManateeClientError:
            ProgramFailure(
                error.code == .credentialsRefused ? .storeUnreachable : .configuration,
                error.message
            )
        default: ProgramFailure(.failure, "\(error)")
        }
    }
}

/// The connection to ZooKeeper as a service.
private struct StoreService: Service {
    let client: ManateeClient

    func run() async throws {
        try await cancelWhenGracefulShutdown { try await client.run() }
    }
}

/// Tells the proxy what the shard declares.
private struct ShardService: Service {
    let shard: Shard
    let proxy: ProxyServer
    let logger: Logger

    func run() async throws {
        await cancelWhenGracefulShutdown {
            await withTaskGroup { group in
                group.addTask { await self.tellTopologies() }
                group.addTask { await self.logStatus() }
            }
        }
    }

    private func tellTopologies() async {
        for await topology in shard.topologies {
            guard let primary = topology.primary else {
                logger.warning(
                    "the shard has no cluster state; the last topology stays in force",
                    metadata: ["shard": "\(shard.path)"]
                )
                continue
            }
            proxy.follow(
                ProxyTopology(
                    generation: primary.token.number,
                    primary: Backend(primary.server),
                    standbys: topology.standbys.map(Backend.init)
                )
            )
        }
    }

    private func logStatus() async {
        for await status in shard.statuses {
            switch status {
            case .starting, .ended: continue
            case .following: logger.info("the shard is followed")
            case .disconnected(let why), .refused(let why), .unreadable(let why):
                logger.warning(
                    "the shard cannot be followed; the last topology stays in force",
                    metadata: ["reason": "\(why)"]
                )
            case .wentBack(let known, let found):
                logger.error(
                    "the store holds an older generation than the shard has had; it is not followed",
                    metadata: [
                        "generation.known": .stringConvertible(known.number),
                        "generation.found": .stringConvertible(found.number),
                    ]
                )
            }
        }
    }
}

extension Backend {
    fileprivate init(_ server: Server) {
        self.init(host: server.host, port: server.port)
    }
}
