import Logging
import ManateeBackup
import ManateeConfiguration
import ManateeDaemon
import ManateePorts
import ManateeStorage
import ServiceLifecycle
import UnixSignals

/// The backup server, put together: the only place where adapters meet the shell.
struct BackupServerProgram {
    /// How long all transfers may take to end in order.
    private static let shutdownLimit = Duration.seconds(20)

    private let settings: BackupServerSettings
    private let logger: Logger
    private let storage: any DataStorage

    init(_ settings: BackupServerSettings, logger: Logger) {
        self.settings = settings
        self.logger = logger
        storage = settings.storage.storage(logger: Logger(label: "storage"))
    }

    /// What `--check` prints when everything is as it must be.
    func check() async throws(ProgramFailure) -> String {
        _ = try token()
        let able = try await capabilities()
        let snapshots: [StorageSnapshot]
        do {
            snapshots = try await storage.snapshots().filter(\.name.isOurs)
        } catch {
            throw ProgramFailure(.configuration, "\(error)")
        }
        var lines = [
            "the configuration is valid, there is a token, and the storage can send snapshots"
        ]
        lines += able.remarks
        lines.append(
            snapshots.last.map { "the newest of \(snapshots.count) snapshots is \($0.name)" }
                ?? "there is no snapshot yet; the snapshotter takes them"
        )
        return lines.joined(separator: "\n")
    }

    /// Runs until SIGTERM or SIGINT.
    func run() async throws(ProgramFailure) {
        let token = try token()
        _ = try await capabilities()
        logger.info("backup server starts", metadata: ["port": "\(settings.port)"])
        do {
            try await group(token).run()
        } catch let failure as BackupServerFailure {
            throw ProgramFailure(
                failure.isPortTaken ? .temporary : .configuration,
                failure.description
            )
        } catch {
            throw ProgramFailure(.failure, "\(error)")
        }
        logger.info("backup server ended in order")
    }

    private func token() throws(ProgramFailure) -> BackupToken {
        do {
            return try BackupToken(file: settings.tokenFile)
        } catch {
            throw ProgramFailure(.configuration, error.description)
        }
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
                    + "do not run the backup server here"
            )
        }
        return able
    }

    private func group(_ token: BackupToken) -> ServiceGroup {
        let server = BackupServer(
            of: storage,
            settings: BackupServer.Settings(
                address: settings.listenAddress,
                port: settings.port,
                jobLimit: settings.jobLimit,
                expiry: settings.jobExpiry,
                bytesPerSecond: settings.rateLimit
            ),
            token: token,
            logger: logger
        )
        var quiet = Logger(label: "services")
        quiet.logLevel = max(.error, quiet.logLevel)
        var configuration = ServiceGroupConfiguration(
            services: [.init(service: server)],
            gracefulShutdownSignals: [.sigterm, .sigint],
            logger: quiet
        )
        configuration.maximumGracefulShutdownDuration = Self.shutdownLimit
        return ServiceGroup(configuration: configuration)
    }
}
