import NIOCore
import NIOPosix
import Synchronization

@testable import ManateeProxy

/// A server that says what postgres says until a session is ready, and then echoes.
final class FakePostgres: Sendable {
    /// How it meets a client.
    enum Manner: Sendable {
        case admits
        case inRecovery
        case turnsAway(String)
        /// It agrees to encryption, and echoes from then on.
        case encrypts
        /// After the session is ready it sends as fast as it can, and reads nothing.
        case floods
    }

    struct State {
        var manner = Manner.admits
        var channels: [any Channel] = []
        var cancels: [[UInt8]] = []
        var heard: [String] = []
        var sent = 0
        var inputsClosed = 0
        var sessions = 0
    }

    let state = Mutex(State())
    let port: Int
    /// What its sessions are cancelled by.
    let key: [UInt8]
    private let listener: any Channel

    private init(listener: any Channel, key: [UInt8]) {
        self.listener = listener
        self.key = key
        port = listener.localAddress?.port ?? 0
    }

    static func start(_ name: UInt8, _ manner: Manner = .admits) async throws -> FakePostgres {
        let box = Mutex<FakePostgres?>(nil)
        let listener = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .childChannelOption(.allowRemoteHalfClosure, value: true)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    guard let server = box.withLock({ $0 }) else { return }
                    server.state.withLock { $0.channels.append(channel) }
                    try channel.pipeline.syncOperations.addHandler(FakeSession(server))
                }
            }
            .bind(host: "127.0.0.1", port: 0).get()
        let server = FakePostgres(listener: listener, key: [0, 0, 0, name, 1, 2, 3, name])
        server.state.withLock { $0.manner = manner }
        box.withLock { $0 = server }
        return server
    }

    var backend: Backend { Backend(host: "127.0.0.1", port: port) }

    func become(_ manner: Manner) { state.withLock { $0.manner = manner } }

    var cancels: [[UInt8]] { state.withLock { $0.cancels } }

    /// Ends everything, as a crash does.
    func stop() async throws {
        try await listener.close()
        for channel in state.withLock({ $0.channels }) { channel.close(promise: nil) }
    }
}

private final class FakeSession: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private let server: FakePostgres
    private var bytes = ByteBuffer()
    private var isReady = false

    init(_ server: FakePostgres) { self.server = server }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        var read = unwrapInboundIn(data)
        if isReady {
            server.state.withLock { $0.heard.append(String(buffer: read)) }
            return context.writeAndFlush(wrapOutboundOut(read), promise: nil)
        }
        bytes.writeBuffer(&read)
        while !isReady, let (packet, length) = StartupPacket.read(bytes.readableBytesView) {
            let raw = bytes.readBytes(length: length) ?? []
            answer(packet, raw, context)
        }
    }

    private func answer(_ packet: StartupPacket, _ raw: [UInt8], _ context: ChannelHandlerContext) {
        let manner = server.state.withLock { $0.manner }
        switch (packet, manner) {
        case (.cancelRequest, _):
            server.state.withLock { $0.cancels.append(Array(raw.dropFirst(8))) }
            context.close(promise: nil)
        case (.encryptionRequest, .encrypts):
            isReady = true
            send(Array("S".utf8), context)
        case (.encryptionRequest, _):
            send(Array("N".utf8), context)
        case (.malformed, _), (.encrypted, _):
            server.state.withLock { $0.heard.append(String(decoding: raw, as: UTF8.self)) }
            bytes.clear()
        case (.startup, .turnsAway(let sqlState)):
            send(ErrorMessage.fatal(sqlState: sqlState, "not now"), context)
            context.close(promise: nil)
        case (.startup, _):
            isReady = true
            server.state.withLock { $0.sessions += 1 }
            var greeting = message("R", [0, 0, 0, 0])
            if case .inRecovery = manner {
                greeting += message("S", Array("in_hot_standby\0on\0".utf8))
            }
            greeting += message("K", server.key) + message("Z", [UInt8(ascii: "I")])
            send(greeting, context)
            if case .floods = manner { flood(context) }
        }
    }

    /// Writes one piece after the other, each when the one before has left.
    private func flood(_ context: ChannelHandlerContext) {
        let piece = ByteBuffer(repeating: 65, count: 65_536)
        server.state.withLock { $0.sent += piece.readableBytes }
        context.writeAndFlush(wrapOutboundOut(piece)).assumeIsolated().whenSuccess {
            self.flood(context)
        }
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        guard let event = event as? ChannelEvent, event == .inputClosed else { return }
        server.state.withLock { $0.inputsClosed += 1 }
        guard isReady else { return context.close(promise: nil) }
        // The last word goes the other way: a half that is closed is not the whole.
        context.writeAndFlush(wrapOutboundOut(ByteBuffer(string: "farewell")))
            .assumeIsolated().whenComplete { _ in context.close(promise: nil) }
    }

    private func send(_ bytes: [UInt8], _ context: ChannelHandlerContext) {
        context.writeAndFlush(wrapOutboundOut(ByteBuffer(bytes: bytes)), promise: nil)
    }

    private func message(_ type: String, _ body: [UInt8]) -> [UInt8] {
        let length = body.count + 4
        return Array(type.utf8) + [0, 0, UInt8(length >> 8), UInt8(length & 0xff)] + body
    }
}
