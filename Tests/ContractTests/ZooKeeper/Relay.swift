import NIOCore
import NIOPosix
import Synchronization

/// A relay before a server that can cut connections, or swallow what the server says.
final class Relay: Sendable {
    /// What becomes of bytes and connections.
    enum Mode: Sendable {
        /// Everything passes.
        case open
        /// Connections are cut, and new ones with them.
        case cut
        /// What clients send passes; what the server answers is lost.
        case swallowReplies
    }

    private struct State {
        var mode = Mode.open
        var channels: [ObjectIdentifier: any Channel] = [:]
    }

    private let state = Mutex(State())
    private let listener: any Channel

    /// Where clients connect.
    let port: Int

    private init(listener: any Channel) {
        self.listener = listener
        port = listener.localAddress?.port ?? 0
    }

    /// Runs `body` with a relay before the server at `target`.
    static func with<Value>(
        target: Int,
        _ body: (Relay) async throws -> Value
    ) async throws -> Value {
        let box = Mutex<Relay?>(nil)
        let listener = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .childChannelOption(.autoRead, value: false)
            .childChannelInitializer { client in
                guard let relay = box.withLock({ $0 }) else {
                    return client.close()
                }
                return relay.glue(client, to: target)
            }
            .bind(host: "127.0.0.1", port: 0).get()
        let relay = Relay(listener: listener)
        box.withLock { $0 = relay }
        do {
            let value = try await body(relay)
            try await relay.close()
            return value
        } catch {
            try await relay.close()
            throw error
        }
    }

    /// Changes what becomes of bytes and connections.
    func set(_ mode: Mode) {
        let channels = state.withLock { state in
            state.mode = mode
            return Array(state.channels.values)
        }
        switch mode {
        case .cut:
            for channel in channels {
                channel.close(promise: nil)
            }
        case .open, .swallowReplies:
            break
        }
    }

    private var mode: Mode { state.withLock { $0.mode } }

    private func close() async throws {
        set(.cut)
        try await listener.close()
    }

    private func glue(_ client: any Channel, to target: Int) -> EventLoopFuture<Void> {
        switch mode {
        case .cut: return client.close()
        case .open, .swallowReplies: break
        }
        return ClientBootstrap(group: client.eventLoop)
            .channelOption(.autoRead, value: false)
            .connect(host: "127.0.0.1", port: target)
            .flatMapThrowing { server in
                self.state.withLock { state in
                    state.channels[ObjectIdentifier(client)] = client
                    state.channels[ObjectIdentifier(server)] = server
                }
                try client.pipeline.syncOperations.addHandler(
                    Pump(to: server) { true }
                )
                try server.pipeline.syncOperations.addHandler(
                    Pump(to: client) { [weak self] in
                        switch self?.mode {
                        case .open: true
                        case .cut, .swallowReplies, nil: false
                        }
                    }
                )
                for channel in [client, server] {
                    channel.closeFuture.whenComplete { _ in
                        self.state.withLock { _ = $0.channels.removeValue(forKey: .init(channel)) }
                    }
                    try channel.syncOptions?.setOption(.autoRead, value: true)
                }
            }
    }
}

/// Passes bytes on, as long as it may.
private final class Pump: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer

    private let other: any Channel
    private let mayPass: () -> Bool

    init(to other: any Channel, mayPass: @escaping () -> Bool) {
        self.other = other
        self.mayPass = mayPass
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard mayPass() else { return }
        other.writeAndFlush(unwrapInboundIn(data), promise: nil)
    }

    func channelInactive(context: ChannelHandlerContext) {
        other.close(promise: nil)
    }
}
