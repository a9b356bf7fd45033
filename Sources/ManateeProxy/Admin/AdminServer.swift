package import NIOCore
import NIOHTTP1
import NIOPosix
import ServiceLifecycle

/// The proxy's own HTTP port: `/metrics`, and `/ready`, which is 200 while writers are led to a primary.
package struct AdminServer: Service {
    private let proxy: ProxyServer
    private let address: String
    private let port: Int
    private let group: any EventLoopGroup
    private let isStoreCurrent: @Sendable () -> Bool
    private let onListening: @Sendable (Int) async -> Void

    /// A server of the figures of `proxy`.
    ///
    /// - Parameters:
    ///   - proxy: whose figures they are.
    ///   - address: the address to listen on.
    ///   - port: the port; 0 for any that is free.
    ///   - group: where connections live.
    ///   - isStoreCurrent: whether the topology is followed at the moment.
    ///   - onListening: is told the port once connections are accepted.
    package init(
        of proxy: ProxyServer,
        address: String,
        port: Int,
        group: any EventLoopGroup,
        isStoreCurrent: @escaping @Sendable () -> Bool,
        onListening: @escaping @Sendable (Int) async -> Void = { _ in }
    ) {
        self.proxy = proxy
        self.address = address
        self.port = port
        self.group = group
        self.isStoreCurrent = isStoreCurrent
        self.onListening = onListening
    }

    /// Serves until graceful shutdown or cancellation.
    ///
    /// - Throws: ``ProxyFailure`` if it cannot listen.
    package func run() async throws {
        let bootstrap = ServerBootstrap(group: group)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelInitializer { [hub = proxy.hub, isStoreCurrent] channel in
                channel.eventLoop.makeCompletedFuture {
                    let pipeline = channel.pipeline.syncOperations
                    try pipeline.configureHTTPServerPipeline(withErrorHandling: true)
                    try pipeline.addHandler(
                        AdminHandler(hub: hub, isStoreCurrent: isStoreCurrent)
                    )
                }
            }
        let channel: any Channel
        do {
            channel = try await bootstrap.bind(host: address, port: port).get()
        } catch let error as IOError {
            throw ProxyFailure(error, listener: "admin", address: address, port: port)
        }
        await onListening(channel.localAddress?.port ?? port)
        // Ends only by being cancelled, which is what is waited for.
        try? await gracefulShutdown()
        try await channel.close()
    }
}

/// Answers one request after the other.
private final class AdminHandler: ChannelInboundHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias OutboundOut = HTTPServerResponsePart

    private let hub: ProxyHub
    private let isStoreCurrent: @Sendable () -> Bool
    private var head: HTTPRequestHead?

    init(hub: ProxyHub, isStoreCurrent: @escaping @Sendable () -> Bool) {
        self.hub = hub
        self.isStoreCurrent = isStoreCurrent
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch unwrapInboundIn(data) {
        case .head(let head): self.head = head
        case .body: break
        case .end: if let head { answer(head, context) }
        }
    }

    private func answer(_ request: HTTPRequestHead, _ context: ChannelHandlerContext) {
        let path = request.uri.prefix { $0 != "?" }
        let (status, body): (HTTPResponseStatus, String)
        switch (request.method, path) {
        case (.GET, "/metrics"), (.HEAD, "/metrics"):
            let current = isStoreCurrent()
            (status, body) = (.ok, hub.look { ProxyMetrics.text($0, storeCurrent: current) })
        case (.GET, "/ready"), (.HEAD, "/ready"):
            let isReady = hub.look { $0.routing.topology != nil && $0.routing.held.isEmpty }
            (status, body) = isReady ? (.ok, "ready\n") : (.serviceUnavailable, "not ready\n")
        case (.GET, _), (.HEAD, _):
            (status, body) = (.notFound, "there are /metrics and /ready\n")
        default:
            (status, body) = (.methodNotAllowed, "only GET and HEAD are possible here\n")
        }
        var head = HTTPResponseHead(version: request.version, status: status)
        let type =
            path == "/metrics" && status == .ok
            ? "application/openmetrics-text; version=1.0.0; charset=utf-8"
            : "text/plain; charset=utf-8"
        head.headers.add(name: "content-type", value: type)
        head.headers.add(name: "content-length", value: "\(body.utf8.count)")
        head.headers.add(name: "cache-control", value: "no-store")
        if !request.isKeepAlive { head.headers.add(name: "connection", value: "close") }
        context.write(wrapOutboundOut(.head(head)), promise: nil)
        if request.method != .HEAD {
            let body = ByteBuffer(string: body)
            context.write(wrapOutboundOut(.body(.byteBuffer(body))), promise: nil)
        }
        let written = context.writeAndFlush(wrapOutboundOut(.end(nil)))
        guard !request.isKeepAlive else { return }
        written.assumeIsolated().whenComplete { _ in context.close(promise: nil) }
    }
}
