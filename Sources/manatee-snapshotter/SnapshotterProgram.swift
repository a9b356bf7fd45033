import FoundationEssentials
import Logging
import ManateeConfiguration
import ManateeDaemon
import ManateePorts
import ManateeSnapshots
import ManateeStorage
import ServiceLifecycle
import UnixSignals

/// The snapshotter, put together: the only place where adapters meet the shell.
struct SnapshotterProgram {
    private static let shutdownLimit = Duration.seconds(20)

    private let settings: SnapshotterSettings
    private let logger: Logger
    private let storage: any DataStorage

    init(_ settings: SnapshotterSettings, logger: Logger) {
        self.settings = settings
        self.logger = logger
        storage = settings.storage.storage(logger: Logger(label: "storage"))
    }

    /// What `--check` prints when everything is as it must be.
    func check() async throws(ProgramFailure) -> String {
        let able = try await capabilities()
        let found: (isThere: Bool, space: StorageSpace?)
        do {
            let isThere = try await storage.exists()
            found = (isThere, isThere ? try await storage.space() : nil)
        } catch {
            throw ProgramFailure(.configuration, "\(error)")
        }
        var lines = ["the configuration is valid, and the storage can have snapshots"]
        lines += able.remarks
        if let space = found.space {
            lines.append("free: \(space.free) of \(space.total) bytes")
        }
        if !found.isThere { lines.append("there is no data yet; snapshots begin when there is") }
        return lines.joined(separator: "\n")
    }

    /// Runs until SIGTERM or SIGINT.
    func run() async throws(ProgramFailure) {
        let able = try await capabilities()
        logger.info(
            "snapshotter starts",
            metadata: ["period": "\(settings.period)", "number": "\(settings.number)"]
        )
        if !able.atomicSnapshots {
            logger.warning(
                "snapshots of this storage are not of one moment: none is taken, old ones are destroyed",
                metadata: ["storage": "\(able.remarks.joined(separator: "; "))"]
            )
        }
        do {
            try await group().run()
        } catch {
            throw ProgramFailure(.failure, "\(error)")
        }
        logger.info("snapshotter ended in order")
    }

    /// What the storage can do; one without snapshots is no use for this program.
    private func capabilities() async throws(ProgramFailure) -> StorageCapabilities {
        let able: StorageCapabilities
        do {
            able = try await storage.capabilities()
        } catch {
            let mayPass = error.kind == .timedOut || error.kind == .noSpace
            throw ProgramFailure(mayPass ? .temporary : .configuration, "\(error)")
        }
        guard able.snapshots else {
            throw ProgramFailure(
                .configuration,
                "this storage has no snapshots: \(able.remarks.joined(separator: "; ")); "
                    + "do not run the snapshotter here"
            )
        }
        return able
    }

    private func group() -> ServiceGroup {
        let snapshotter = Snapshotter(
            policy: RetentionPolicy(
                number: settings.number,
                age: settings.maximumAge,
                minimumFree: settings.minimumFree
            ),
            period: settings.period,
            storage: storage,
            health: settings.healthURL.map(HealthPage.init),
            now: { Int64(Date().timeIntervalSince1970 * 1000) },
            logger: logger
        )
        var quiet = Logger(label: "services")
        quiet.logLevel = max(.error, quiet.logLevel)
        var configuration = ServiceGroupConfiguration(
            services: [.init(service: snapshotter)],
            gracefulShutdownSignals: [.sigterm, .sigint],
            logger: quiet
        )
        configuration.maximumGracefulShutdownDuration = Self.shutdownLimit
        return ServiceGroup(configuration: configuration)
    }
}
