import Logging
import NIOCore
import NIOPosix
import NIOSSL

/// Carries out what a session machine wants, on one event loop.
///
/// Everything in here happens on that loop; ``ZooKeeperClient`` holds it in a box that checks.
final class SessionDriver {
    typealias Reply = CheckedContinuation<Result<Response, ZooKeeperError>, Never>

    private let loop: any EventLoop
    private let tls: NIOSSLContext?
    private let logger: Logger
    private let board: SessionBoard
    private let origin = ContinuousClock.now
    private var machine: SessionMachine
    private var channels: [ConnectionID: any Channel] = [:]
    private var replies: [RequestID: Reply] = [:]
    private var watches: [WatchID: WatchBuffer] = [:]
    private var run: CheckedContinuation<ZooKeeperError?, Never>?
    private var closers: [CheckedContinuation<Void, Never>] = []
    private var end: Result<Void, ZooKeeperError>?
    private var timer: (due: Instant, task: Scheduled<Void>)?
    /// Events that came while another was being handled, because actions may call back.
    private var inbox: [SessionEvent] = []
    private var isHandling = false

    init(
        loop: any EventLoop,
        settings: SessionMachine.Settings,
        tls: NIOSSLContext?,
        board: SessionBoard,
        logger: Logger
    ) {
        self.loop = loop
        self.tls = tls
        self.board = board
        self.logger = logger
        machine = SessionMachine(settings)
    }

    // MARK: From the user

    /// Begins the session and keeps `continuation` for its end.
    func start(_ continuation: CheckedContinuation<ZooKeeperError?, Never>) {
        if case .failure(let error) = end {
            return continuation.resume(returning: error)
        }
        if case .success = end {
            return continuation.resume(returning: nil)
        }
        run = continuation
        handle(.start)
    }

    func submit(_ id: RequestID, _ request: Request, watch: WatchBuffer?, reply: Reply) {
        replies[id] = reply
        if let watch, let watchID = request.watch {
            watches[watchID] = watch
        }
        handle(.submit(id, request))
    }

    func unwatch(_ id: WatchID) {
        watches[id] = nil
        handle(.unwatch(id))
    }

    /// Closes the session and resumes `continuation` when it is closed.
    func close(_ continuation: CheckedContinuation<Void, Never>) {
        guard end == nil else { return continuation.resume() }
        closers.append(continuation)
        handle(.close)
    }

    // MARK: From the channels

    func opened(_ id: ConnectionID, _ channel: any Channel) {
        channels[id] = channel
        handle(.opened(id))
    }

    func ended(_ id: ConnectionID, reason: String) {
        channels[id] = nil
        handle(.ended(id, reason: reason))
    }

    // MARK: The machine

    /// Lets the machine take an event, and carries out what it wants.
    func handle(_ event: SessionEvent) {
        loop.preconditionInEventLoop()
        inbox.append(event)
        guard !isHandling else { return }
        isHandling = true
        while !inbox.isEmpty {
            let event = inbox.removeFirst()
            let actions = machine.handle(event, at: now)
            // Before the answers: who sees one also sees the state that it came in.
            publish()
            for action in actions {
                perform(action)
            }
        }
        isHandling = false
        schedule()
    }

    private var now: Instant { Instant(sinceOrigin: origin.duration(to: .now)) }

    private func publish() {
        let status = SessionStatus(machine.status, origin: origin)
        let before = board.status
        guard status != before else { return }
        board.publish(status)
        guard status.state != before.state else { return }
        logger.info(
            "The ZooKeeper session changed its state",
            metadata: [
                "zookeeper.state": "\(status.state)",
                "zookeeper.session": "\(status.sessionID.map(\.description) ?? "-")",
                "zookeeper.server": "\(status.server.map(\.description) ?? "-")",
                "zookeeper.reason": "\(status.lastFailure ?? "-")",
            ]
        )
    }

    private func perform(_ action: SessionAction) {
        switch action {
        case .connect(let id, let server):
            connect(id, to: server)
        case .send(let id, let bytes):
            guard let channel = channels[id] else { return }
            channel.writeAndFlush(channel.allocator.buffer(bytes: bytes), promise: nil)
        case .disconnect(let id):
            channels.removeValue(forKey: id)?.close(promise: nil)
        case .complete(let id, let result):
            replies.removeValue(forKey: id)?.resume(returning: result)
        case .deliver(let id, let event):
            watches[id]?.push(event)
        case .finish(let id, let error):
            watches.removeValue(forKey: id)?.finish(error)
        case .report(let server, let reason):
            logger.debug(
                "A connection to a ZooKeeper server failed",
                metadata: [
                    "zookeeper.server": "\(server)", "zookeeper.reason": "\(reason)",
                ]
            )
        case .end(let error):
            finish(error)
        }
    }

    private func finish(_ error: ZooKeeperError?) {
        end = error.map { .failure($0) } ?? .success(())
        run?.resume(returning: error)
        run = nil
        for closer in closers {
            closer.resume()
        }
        closers = []
    }

    private func schedule() {
        let due = machine.nextWake
        guard due != timer?.due else { return }
        timer?.task.cancel()
        timer = nil
        guard let due else { return }
        let delay = max(.zero, now.duration(to: due)).components
        let task = loop.assumeIsolated().scheduleTask(
            in: .nanoseconds(delay.seconds * 1_000_000_000 + delay.attoseconds / 1_000_000_000 + 1)
        ) {
            self.timer = nil
            self.handle(.tick)
        }
        timer = (due, task)
    }

    private func connect(_ id: ConnectionID, to server: ServerAddress) {
        let bound = NIOLoopBound(self, eventLoop: loop)
        let tls = tls
        let future = ClientBootstrap(group: loop)
            .channelOption(.tcpOption(.tcp_nodelay), value: 1)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    let pipeline = channel.pipeline.syncOperations
                    if let tls {
                        try pipeline.addHandler(Self.tlsHandler(tls, for: server))
                    }
                    try pipeline.addHandler(ConnectionHandler(id: id, driver: bound.value))
                }
            }
            .connect(host: server.host, port: server.port)
        future.assumeIsolated().whenFailure { error in
            self.ended(id, reason: "no connection to \(server): \(error)")
        }
    }

    /// With the host's name if it has one: an address cannot be asked for, but is verified as well.
    private static func tlsHandler(
        _ context: NIOSSLContext,
        for server: ServerAddress
    ) throws -> NIOSSLClientHandler {
        // What is no address is a name.
        // What cannot be read as an address is a name.
        let isAddress = (try? SocketAddress(ipAddress: server.host, port: server.port)) != nil
        return try NIOSSLClientHandler(
            context: context,
            serverHostname: isAddress ? nil : server.host
        )
    }
}
