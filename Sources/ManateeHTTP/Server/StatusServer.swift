import Hummingbird
import HummingbirdCore
package import Logging
package import ManateePorts
import NIOCore
import ServiceLifecycle

/// The sitter's HTTP server: health for load balancers, state for programs, a page for people, metrics, and
/// operations.
package struct StatusServer: Service {
    /// How long a connection may be silent.
    var idleLimit = TimeAmount.seconds(30)
    /// How long a request's body may take to arrive.
    var bodyPatience = Duration.seconds(10)
    /// How many connections are served at once; further ones wait to be accepted.
    private static let connectionLimit = 256
    /// What all headers of a request may amount to, in bytes, and how many there may be.
    private static let headerLimit = (bytes: 16384, count: 100)

    private let address: String
    private let port: Int
    private let responder: StatusResponder
    private let logger: Logger
    private let onListening: @Sendable (Int) async -> Void

    /// A server of `status`.
    ///
    /// - Parameters:
    ///   - address: the address to listen on.
    ///   - port: the port; 0 for any that is free.
    ///   - status: what is shown.
    ///   - context: whose status it is, and what else is at hand.
    ///   - logger: for one line when it listens.
    ///   - onListening: is told the port once connections are accepted.
    package init(
        address: String,
        port: Int,
        status: any SitterStatus,
        context: StatusContext,
        logger: Logger,
        onListening: @escaping @Sendable (Int) async -> Void = { _ in }
    ) {
        self.address = address
        self.port = port
        responder = StatusResponder(status: status, context: context)
        self.logger = logger
        self.onListening = onListening
    }

    /// Serves until graceful shutdown or cancellation.
    ///
    /// - Throws: `StatusServerFailure` if it cannot listen.
    package func run() async throws {
        do {
            try await application.runService(gracefulShutdownSignals: [])
        } catch let error as IOError {
            throw StatusServerFailure(error, address: address, port: port)
        }
    }

    var application: some ApplicationProtocol {
        // Its own words about each connection are of no use to an operator.
        var quiet = logger
        quiet.logLevel = max(logger.logLevel, .warning)
        var responder = responder
        responder.bodyPatience = bodyPatience
        return Application(
            responder: responder,
            server: .http1(
                configuration: .init(
                    idleTimeout: idleLimit,
                    httpDecoderConfiguration: .init(
                        maxHeaderFieldSize: StatusServer.headerLimit.bytes,
                        maxHeaderListSize: StatusServer.headerLimit.bytes,
                        maxHeaderFieldCount: StatusServer.headerLimit.count
                    )
                )
            ),
            configuration: ApplicationConfiguration(
                address: .hostname(address, port: port),
                serverName: "manatee-sitter",
                availableConnectionsDelegate: MaximumAvailableConnections(
                    StatusServer.connectionLimit,
                    logger: quiet
                )
            ),
            onServerRunning: { [logger, address, port, onListening] channel in
                let actual = channel.localAddress?.port ?? port
                logger.info(
                    "status server listens",
                    metadata: [
                        "http.address": "\(address)", "http.port": .stringConvertible(actual),
                    ]
                )
                await onListening(actual)
            },
            logger: quiet
        )
    }
}
