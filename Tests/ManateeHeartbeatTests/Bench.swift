import Logging
import ManateeCore
import ManateeHeartbeat
import ManateePorts
import NIOCore
import NIOPosix
import Synchronization

/// The peer on this host that is heard on one port, with its postgres on another.
func peer(heartbeat: Int, postgres: Int) -> Peer {
    Peer(
        id: PeerID("127.0.0.1:1:1"),
        ip: "127.0.0.1",
        postgresURL: "tcp://postgres@127.0.0.1:\(postgres)/postgres",
        zoneID: "test",
        backupURL: nil,
        heartbeatPort: heartbeat
    )
}

/// A port on which nobody can listen without being root on this host: it refuses.
let unusedPort = 1

private var fast: FailureDetection {
    var detection = FailureDetection(.fast)
    detection.beatInterval = .milliseconds(50)
    detection.silence = .milliseconds(1000)
    return detection
}

private func heartbeat(
    of peer: Peer,
    _ logger: Logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() },
    port: Int = 0,
    onListening: @escaping @Sendable (Int) -> Void = { _ in }
) -> TCPHeartbeat {
    TCPHeartbeat(
        HeartbeatSettings(
            peer: peer.id,
            listenAddress: "127.0.0.1",
            port: port,
            detection: fast
        ),
        logger: logger,
        onListening: onListening
    )
}

/// Runs `service` while `body` does.
private func running<Result: Sendable>(
    _ service: TCPHeartbeat,
    _ body: @escaping @Sendable () async throws -> Result
) async throws -> Result {
    try await withThrowingTaskGroup(of: Result?.self) { group in
        group.addTask {
            try await service.run()
            return nil
        }
        group.addTask { try await body() }
        while let ended = try await group.next() {
            guard let result = ended else { continue }
            group.cancelAll()
            try await group.waitForAll()
            return result
        }
        throw CancellationError()
    }
}

/// A peer that speaks.
struct Speaking: Sendable {
    let heartbeat: TCPHeartbeat
    let peer: Peer

    @discardableResult
    static func with<Result: Sendable>(
        as known: Peer? = nil,
        _ body: @escaping @Sendable (Speaking) async throws -> Result
    ) async throws -> Result {
        let (ports, sink) = AsyncStream<Int>.makeStream()
        let blank = ManateeHeartbeatTests.peer(heartbeat: 0, postgres: unusedPort)
        let speaker = ManateeHeartbeatTests.heartbeat(
            of: blank,
            port: known?.heartbeatPort ?? 0
        ) { sink.yield($0) }
        return try await running(speaker) {
            var port = 0
            for await listening in ports {
                port = listening
                break
            }
            let peer = ManateeHeartbeatTests.peer(heartbeat: port, postgres: unusedPort)
            return try await body(Speaking(heartbeat: speaker, peer: peer))
        }
    }
}

/// A peer that listens, with all that it saw.
final class Listening: Sendable {
    let heartbeat: TCPHeartbeat
    private let log = Mutex<[Observation]>([])
    private let complaints: Complaints

    private init(_ heartbeat: TCPHeartbeat, _ complaints: Complaints) {
        self.heartbeat = heartbeat
        self.complaints = complaints
    }

    var seen: [Observation] { log.withLock { $0 } }

    static func to(
        _ peer: Peer,
        _ body: @escaping @Sendable (Listening) async throws -> Void
    ) async throws {
        let complaints = Complaints()
        let own = ManateeHeartbeatTests.peer(heartbeat: 0, postgres: unusedPort)
        let ears = Listening(
            ManateeHeartbeatTests.heartbeat(of: own, complaints.logger),
            complaints
        )
        ears.heartbeat.watch([peer])
        try await running(ears.heartbeat) {
            try await withThrowingTaskGroup { group in
                group.addTask {
                    for await event in ears.heartbeat.events {
                        ears.log.withLock { $0.append(event.observation) }
                    }
                }
                try await body(ears)
                group.cancelAll()
            }
        }
    }

    /// Waits until what was seen is as wanted; the test's time limit bounds it.
    func until(_ condition: ([Observation]) -> Bool) async throws {
        while !condition(seen) { try await Task.sleep(for: .milliseconds(5)) }
    }

    func untilComplaint() async throws {
        while complaints.count == 0 { try await Task.sleep(for: .milliseconds(5)) }
    }
}

/// Counts what is logged as an error.
final class Complaints: Sendable {
    private struct Handler: LogHandler {
        let complaints: Complaints
        var metadata: Logger.Metadata = [:]
        var logLevel = Logger.Level.error

        subscript(metadataKey key: String) -> Logger.Metadata.Value? {
            get { metadata[key] }
            set { metadata[key] = newValue }
        }

        func log(event: LogEvent) {
            complaints.errors.add(1, ordering: .relaxed)
        }
    }

    private let errors = Atomic(0)

    var count: Int { errors.load(ordering: .relaxed) }

    var logger: Logger { Logger(label: "test") { _ in Handler(complaints: self) } }
}

/// A server that greets whoever connects, and replies to the first bytes.
struct Answering: Sendable {
    let port: Int

    static func with(
        greeting: [UInt8],
        reply: [UInt8],
        _ body: (Answering) async throws -> Void
    ) async throws {
        let server = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(
                        AnswerHandler(greeting: greeting, reply: reply)
                    )
                }
            }
            .bind(host: "127.0.0.1", port: 0).get()
        do {
            try await body(Answering(port: server.localAddress?.port ?? 0))
        } catch {
            try await server.close()
            throw error
        }
        try await server.close()
    }
}

private final class AnswerHandler: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer

    private let greeting: [UInt8]
    private let reply: [UInt8]

    init(greeting: [UInt8], reply: [UInt8]) {
        self.greeting = greeting
        self.reply = reply
    }

    func channelActive(context: ChannelHandlerContext) {
        guard !greeting.isEmpty else { return }
        context.writeAndFlush(NIOAny(ByteBuffer(bytes: greeting)), promise: nil)
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard !reply.isEmpty else { return }
        context.writeAndFlush(NIOAny(ByteBuffer(bytes: reply)), promise: nil)
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        context.close(promise: nil)
    }
}

/// A client that says something to a speaker and waits until it is cut off.
enum Talking {
    static func to(_ peer: Peer, with bytes: [UInt8]) async throws {
        let channel = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .connect(host: peer.ip, port: peer.heartbeatPort ?? 0).get()
        channel.writeAndFlush(ByteBuffer(bytes: bytes), promise: nil)
        try await channel.closeFuture.get()
    }
}
