import Glibc
import Hummingbird
import HummingbirdCore
package import Logging
package import ManateePorts
import NIOCore
import ServiceLifecycle

/// The daemon that gives other peers copies of this one's data, when they ask and prove that they may.
package struct BackupServer: Service {
    /// How long a connection may be silent between requests.
    private static let idleLimit = TimeAmount.seconds(30)
    /// How many connections are served at once; further ones wait to be accepted.
    private static let connectionLimit = 64
    /// What all headers of a request may amount to, in bytes, and how many there may be.
    private static let headerLimit = (bytes: 16384, count: 100)

    private let storage: any DataStorage
    private let settings: Settings
    private let token: BackupToken
    private let jobs: BackupJobs
    private let logger: Logger
    private let onListening: @Sendable (Int) async -> Void

    /// A server of `storage`'s snapshots; one at most per storage.
    ///
    /// - Parameters:
    ///   - storage: what is copied.
    ///   - settings: where it listens, and its bounds.
    ///   - token: what a request has to carry.
    ///   - logger: for what it decides.
    ///   - onListening: is told the port once connections are accepted.
    package init(
        of storage: any DataStorage,
        settings: Settings,
        token: BackupToken,
        logger: Logger,
        onListening: @escaping @Sendable (Int) async -> Void = { _ in }
    ) {
        self.init(
            of: storage,
            settings: settings,
            token: token,
            window: FrameWindow.Limits(),
            logger: logger,
            onListening: onListening
        )
    }

    init(
        of storage: any DataStorage,
        settings: Settings,
        token: BackupToken,
        window: FrameWindow.Limits,
        logger: Logger,
        onListening: @escaping @Sendable (Int) async -> Void
    ) {
        self.storage = storage
        self.settings = settings
        self.token = token
        self.logger = logger
        self.onListening = onListening
        jobs = BackupJobs(storage: storage, settings: settings, window: window, logger: logger)
    }

    /// Serves until graceful shutdown or cancellation; then every job is over and nothing is held.
    ///
    /// - Throws: `BackupServerFailure` if it cannot listen.
    package func run() async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { await cancelWhenGracefulShutdown { await jobs.run() } }
            group.addTask {
                do {
                    try await application.runService(gracefulShutdownSignals: [])
                } catch let error as IOError {
                    throw BackupServerFailure(
                        error,
                        address: settings.address,
                        port: settings.port
                    )
                }
            }
            do {
                try await group.next()
            } catch {
                group.cancelAll()
                throw error
            }
            try await group.waitForAll()
        }
    }

    private var application: some ApplicationProtocol {
        // Its own words about each connection are of no use to an operator.
        var quiet = logger
        quiet.logLevel = max(logger.logLevel, .error)
        return Application(
            responder: BackupResponder(
                jobs: jobs,
                storage: storage,
                token: token,
                expiry: settings.expiry,
                logger: logger
            ),
            server: .http1(
                configuration: .init(
                    idleTimeout: Self.idleLimit,
                    httpDecoderConfiguration: .init(
                        maxHeaderFieldSize: Self.headerLimit.bytes,
                        maxHeaderListSize: Self.headerLimit.bytes,
                        maxHeaderFieldCount: Self.headerLimit.count
                    )
                )
            ),
            configuration: ApplicationConfiguration(
                address: .hostname(settings.address, port: settings.port),
                serverName: "manatee-backupserver",
                availableConnectionsDelegate: MaximumAvailableConnections(
                    Self.connectionLimit,
                    logger: quiet
                )
            ),
            onServerRunning: { [logger, settings, onListening] channel in
                let actual = channel.localAddress?.port ?? settings.port
                logger.info(
                    "backup server listens",
                    metadata: [
                        "http.address": "\(settings.address)",
                        "http.port": .stringConvertible(actual),
                    ]
                )
                await onListening(actual)
            },
            logger: quiet
        )
    }
}

/// Why the backup server cannot listen.
package struct BackupServerFailure: Error, Equatable, CustomStringConvertible {
    /// Whether somebody else listens there, which may pass.
    package let isPortTaken: Bool
    /// What was attempted, what was seen, and what to do.
    package let description: String

    init(_ error: IOError, address: String, port: Int) {
        isPortTaken = error.errnoCode == EADDRINUSE
        description =
            isPortTaken
            ? "the backup server cannot listen on port \(port) of \(address): somebody else does; find"
                + " out who (`ss -ltnp 'sport = :\(port)'`) and stop it, or change port"
            : "the backup server cannot listen on port \(port) of \(address): \(error); set"
                + " listenAddress to an address of this host, and port to one that its user may use"
    }
}
