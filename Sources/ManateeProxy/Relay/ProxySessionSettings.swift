import NIOCore
import NIOPosix

/// What a session must know besides where to go.
struct ProxySessionSettings: Sendable {
    /// Whether clients begin with a header of the PROXY protocol.
    var acceptsProxyHeader = false
    /// The header that servers are sent; nil for none.
    var sentHeader: ProxyHeader.Version?
    /// How long a connection attempt may take.
    var connectTime = Duration.seconds(2)
    /// How long a client may take to say what it wants.
    var startupTime = Duration.seconds(60)

    /// A connection to the server on this loop, which reads nothing yet.
    func connect(to backend: Backend, on loop: any EventLoop) -> EventLoopFuture<any Channel> {
        let bootstrap = ClientBootstrap(group: loop)
            .connectTimeout(TimeAmount(connectTime))
            .channelOption(.tcpOption(.tcp_nodelay), value: 1)
            .channelOption(.socketOption(.so_keepalive), value: 1)
            .channelOption(.allowRemoteHalfClosure, value: true)
            .channelOption(.autoRead, value: false)
        do {
            // An address needs no resolver, whose threads would be waited for.
            return bootstrap.connect(
                to: try SocketAddress(ipAddress: backend.host, port: backend.port)
            )
        } catch {
            return bootstrap.connect(host: backend.host, port: backend.port)
        }
    }
}
