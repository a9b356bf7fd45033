import NIOCore
import NIOPosix
import Synchronization
import Testing

@testable import ManateeProxy

/// A client of the proxy that keeps what it hears.
final class TestClient: Sendable {
    static let startup: [UInt8] = {
        let body = Array("user\0app\0database\0app\0\0".utf8)
        return [0, 0, 0, UInt8(8 + body.count), 0, 3, 0, 0] + body
    }()
    static let encryptionRequest: [UInt8] = [0, 0, 0, 8, 4, 210, 22, 47]

    private struct State {
        var heard: [UInt8] = []
        var isClosed = false
    }

    private let state = Mutex(State())
    private let channel = Mutex<(any Channel)?>(nil)

    /// Connects, and says this first.
    static func connect(_ port: Int, saying bytes: [UInt8] = startup) async throws -> TestClient {
        let client = TestClient()
        let channel = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .channelOption(.allowRemoteHalfClosure, value: true)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(Ear(client))
                }
            }
            .connect(host: "127.0.0.1", port: port).get()
        client.channel.withLock { $0 = channel }
        try await client.say(bytes)
        return client
    }

    func say(_ bytes: [UInt8]) async throws {
        let channel = try #require(channel.withLock { $0 })
        try await channel.writeAndFlush(ByteBuffer(bytes: bytes)).get()
    }

    func say(_ text: String) async throws { try await say(Array(text.utf8)) }

    func listen(_ isListening: Bool) async throws {
        let channel = try #require(channel.withLock { $0 })
        try await channel.setOption(.autoRead, value: isListening).get()
    }

    func closeOutput() async throws {
        let channel = try #require(channel.withLock { $0 })
        try await channel.close(mode: .output).get()
    }

    func close() async {
        // It may be closed already.
        try? await channel.withLock { $0 }?.close().get()
    }

    var heard: [UInt8] { state.withLock { $0.heard } }

    var isClosed: Bool { state.withLock { $0.isClosed } }

    /// Waits until this text was heard.
    func hears(_ text: String, sourceLocation: SourceLocation = #_sourceLocation) async throws {
        try await eventually("it hears \(text)", sourceLocation: sourceLocation) {
            String(decoding: self.heard, as: UTF8.self).contains(text)
        }
    }

    /// Waits until the session is ready.
    func isReady(sourceLocation: SourceLocation = #_sourceLocation) async throws {
        try await eventually("the session is ready", sourceLocation: sourceLocation) {
            self.heard.contains(UInt8(ascii: "Z"))
        }
    }

    func isCut(sourceLocation: SourceLocation = #_sourceLocation) async throws {
        try await eventually("the client is cut", sourceLocation: sourceLocation) { self.isClosed }
    }

    private final class Ear: ChannelInboundHandler {
        typealias InboundIn = ByteBuffer
        private let client: TestClient

        init(_ client: TestClient) { self.client = client }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            let bytes = unwrapInboundIn(data)
            client.state.withLock { $0.heard += bytes.readableBytesView }
        }

        func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
            guard let event = event as? ChannelEvent, event == .inputClosed else { return }
            client.state.withLock { $0.isClosed = true }
        }

        func channelInactive(context: ChannelHandlerContext) {
            client.state.withLock { $0.isClosed = true }
        }

        func errorCaught(context: ChannelHandlerContext, error: any Error) {
            context.close(promise: nil)
        }
    }
}

/// Waits until `condition` holds.
func eventually(
    _ what: Comment,
    sourceLocation: SourceLocation = #_sourceLocation,
    _ condition: () async throws -> Bool
) async throws {
    let deadline = ContinuousClock.now.advanced(by: .seconds(15))
    while try await !condition() {
        try #require(ContinuousClock.now < deadline, what, sourceLocation: sourceLocation)
        try await Task.sleep(for: .milliseconds(5))
    }
}
