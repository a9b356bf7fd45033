package import Logging
package import NIOCore
import NIOPosix
import ServiceLifecycle

/// The proxy: two ports for clients, and what it must know of the shard.
///
///     clients ──> read-write port ──> primary          topology (pushed), sitters' words (asked)
///     clients ──> read-only port  ──> standbys                    │
///                        └──────── ProxyHub ── ProxyRouting <─────┘
package final class ProxyServer: Service {
    /// Where a port of the proxy listens.
    package struct Port: Equatable, Sendable {
        /// The address to listen on.
        package var address: String
        /// The port; 0 for any that is free.
        package var port: Int
        /// Whether clients begin with a header of the PROXY protocol.
        package var acceptsProxyHeader: Bool

        /// The port at this address.
        package init(address: String, port: Int, acceptsProxyHeader: Bool = false) {
            self.address = address
            self.port = port
            self.acceptsProxyHeader = acceptsProxyHeader
        }
    }

    /// How the proxy is run.
    package struct Settings: Sendable {
        /// The ports for clients.
        package var ports: [ProxyListener: Port]
        /// The bounds.
        package var limits = ProxyLimits()
        /// How long a connection attempt to a server may take; default 2 s.
        package var connectTime = Duration.seconds(2)
        /// The header that servers are sent; nil (default) for none.
        package var sentHeader: ProxyHeader.Version?
        /// Which port of a server's host its sitter answers at, counted from postgres's; default 1.
        package var statusPortOffset = 1
        /// How often sitters are asked; nil (default): they are not.
        package var statusInterval: Duration?
        /// How long open connections are waited for at the end; default 30 s.
        package var drainTime = Duration.seconds(30)

        /// Settings with defaults for everything but the ports.
        package init(ports: [ProxyListener: Port]) {
            self.ports = ports
        }
    }

    let hub: ProxyHub
    private let settings: Settings
    private let group: any EventLoopGroup
    private let logger: Logger
    private let onListening: @Sendable ([ProxyListener: Int]) async -> Void

    /// A proxy that serves while ``run()`` does.
    ///
    /// - Parameters:
    ///   - settings: how it is run.
    ///   - group: where connections live.
    ///   - logger: gets changes of the topology, and what is cut.
    ///   - onListening: is told the ports once connections are accepted.
    package init(
        settings: Settings,
        group: any EventLoopGroup,
        logger: Logger,
        onListening: @escaping @Sendable ([ProxyListener: Int]) async -> Void = { _ in }
    ) {
        self.settings = settings
        self.group = group
        self.logger = logger
        self.onListening = onListening
        var limits = settings.limits
        limits.asksSitters = settings.statusInterval != nil
        hub = ProxyHub(limits: limits)
    }

    // MARK: The shard

    /// The shard has declared this topology.
    package func follow(_ topology: ProxyTopology) {
        hub.changed(to: topology)
        logger.info(
            "the shard has declared a topology",
            metadata: [
                "generation": .stringConvertible(topology.generation),
                "primary": "\(topology.primary)",
                "standbys": "\(topology.standbys.map(\.description).joined(separator: " "))",
            ]
        )
    }

    // MARK: Running

    /// Serves until graceful shutdown: then it takes no more clients, and waits for those it has.
    ///
    /// - Throws: ``ProxyFailure`` if it cannot listen.
    package func run() async throws {
        var channels: [any Channel] = []
        var ports: [ProxyListener: Int] = [:]
        do {
            for (listener, port) in settings.ports.sorted(by: { $0.key.rawValue < $1.key.rawValue })
            {
                let channel = try await listen(listener, port)
                channels.append(channel)
                ports[listener] = channel.localAddress?.port ?? port.port
                logger.info(
                    "the proxy listens",
                    metadata: [
                        "listener": "\(listener.rawValue)", "address": "\(port.address)",
                        "port": .stringConvertible(ports[listener] ?? port.port),
                    ]
                )
            }
        } catch {
            for channel in channels { try await channel.close() }
            throw error
        }
        await onListening(ports)
        await withTaskGroup { group in
            group.addTask { [settings, hub] in
                guard let interval = settings.statusInterval else { return }
                let poller = StatusPoller(
                    hub: hub,
                    portOffset: settings.statusPortOffset,
                    interval: interval
                )
                await poller.run()
            }
            await Self.untilTold()
            for channel in channels {
                // One that is closed already needs no closing.
                try? await channel.close()
            }
            await self.drain()
            group.cancelAll()
        }
    }

    private func listen(_ listener: ProxyListener, _ port: Port) async throws -> any Channel {
        var session = ProxySessionSettings()
        session.acceptsProxyHeader = port.acceptsProxyHeader
        session.connectTime = settings.connectTime
        session.sentHeader = settings.sentHeader
        let bootstrap = ServerBootstrap(group: group)
            .serverChannelOption(.backlog, value: 1024)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelOption(.tcpOption(.tcp_nodelay), value: 1)
            .childChannelOption(.socketOption(.so_keepalive), value: 1)
            .childChannelOption(.allowRemoteHalfClosure, value: true)
            .childChannelInitializer { [hub, session] channel in
                channel.eventLoop.makeCompletedFuture {
                    guard let id = hub.knocked(at: listener) else {
                        throw ChannelError.inappropriateOperationForState
                    }
                    let client = ClientSession(
                        id: id,
                        channel: channel,
                        listener: listener,
                        settings: session,
                        hub: hub
                    )
                    try channel.pipeline.syncOperations.addHandler(client.client)
                }
            }
        do {
            return try await bootstrap.bind(host: port.address, port: port.port).get()
        } catch let error as IOError {
            throw ProxyFailure(error, listener: listener, address: port.address, port: port.port)
        }
    }

    /// Returns when a graceful shutdown was asked for, or the task is cancelled.
    private static func untilTold() async {
        // Ends only by being cancelled, which is what is waited for.
        try? await gracefulShutdown()
    }

    private func drain() async {
        hub.drain()
        let deadline = ContinuousClock.now + settings.drainTime
        var open = hub.look { $0.handles.count }
        logger.info("the proxy ends", metadata: ["connections": .stringConvertible(open)])
        while open > 0, ContinuousClock.now < deadline, !Task.isCancelled {
            // Fails only if the task is cancelled, and then the loop ends.
            try? await Task.sleep(for: .milliseconds(50))
            open = hub.look { $0.handles.count }
        }
        guard open > 0 else { return }
        logger.warning("connections are cut", metadata: ["connections": .stringConvertible(open)])
        hub.cutAll()
    }
}
