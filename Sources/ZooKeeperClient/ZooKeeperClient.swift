public import Logging
public import NIOCore
import NIOPosix
import NIOSSL
import Synchronization

/// A session with an ensemble of ZooKeeper servers.
///
/// The session lives while ``run()`` does: call it once, in a task group of yours, or use
/// ``withClient(_:logger:body:)``. Requests may be made from any task, also before the first
/// connection stands; they then wait. One client is one session: after it has expired, make another.
public final class ZooKeeperClient: Sendable {
    /// What the client was made with.
    public let configuration: ZooKeeperConfiguration

    private let loop: any EventLoop
    private let driver: NIOLoopBoundBox<SessionDriver>
    private let board = SessionBoard()
    private let counter = Atomic<UInt64>(0)
    private let hasRun = Atomic<Bool>(false)

    /// A client that has not begun its session yet.
    ///
    /// - Parameters:
    ///   - configuration: The servers, the session's timeout, and bounds.
    ///   - eventLoopGroup: Where connections live; one of its loops is used; it must
    ///     outlive the client and its watches. Nil stands for the process's own group.
    ///   - logger: Gets changes of the session's state (info) and failed connections (debug).
    /// - Throws: What is wrong with the TLS configuration.
    public init(
        configuration: ZooKeeperConfiguration,
        eventLoopGroup: (any EventLoopGroup)? = nil,
        logger: Logger = Logger(label: "zookeeper")
    ) throws {
        self.configuration = configuration
        loop = (eventLoopGroup ?? MultiThreadedEventLoopGroup.singleton).next()
        let driver = SessionDriver(
            loop: loop,
            settings: SessionMachine.Settings(configuration, seed: .random(in: .min ... .max)),
            tls: try configuration.tls.map { try NIOSSLContext(configuration: $0) },
            board: board,
            logger: logger
        )
        self.driver = .makeBoxSendingValue(driver, eventLoop: loop)
    }

    /// Runs `body` with a session, and closes the session behind it.
    ///
    /// - Parameters:
    ///   - configuration: The servers, the session's timeout, and bounds.
    ///   - logger: Gets changes of the session's state.
    ///   - body: What to do with the session; requests in it wait for the first connection.
    /// - Returns: What `body` returned.
    /// - Throws: What `body` threw, or what is wrong with the TLS configuration.
    public static func withClient<Value: Sendable>(
        _ configuration: ZooKeeperConfiguration,
        logger: Logger = Logger(label: "zookeeper"),
        body: (ZooKeeperClient) async throws -> Value
    ) async throws -> Value {
        let client = try ZooKeeperClient(configuration: configuration, logger: logger)
        return try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                do {
                    try await client.run()
                } catch is ZooKeeperError {
                    // The session is over: each request of the body says so.
                }
            }
            do {
                let value = try await body(client)
                await client.close()
                return value
            } catch {
                await client.close()
                throw error
            }
        }
    }

    // MARK: The session

    /// Keeps the session until it ends; a cancelled task closes it.
    ///
    /// - Throws: ``ZooKeeperError`` with the code `sessionExpired` or `authenticationFailed`, or with
    ///   `alreadyRunning` when called twice. Returns normally after ``close()``.
    public func run() async throws(ZooKeeperError) {
        guard !hasRun.exchange(true, ordering: .relaxed) else {
            throw ZooKeeperError(code: .alreadyRunning)
        }
        let failure = await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                loop.execute { self.driver.value.start(continuation) }
            }
        } onCancel: {
            loop.execute { self.driver.value.handle(.close) }
        }
        if let failure {
            throw failure
        }
    }

    /// Closes the session, and with it its ephemeral nodes; returns when the server has confirmed it.
    ///
    /// Requests that were sent before are answered. Without a connection the session is given up at
    /// once, and the servers end it when its timeout has passed. A server that does not answer is
    /// waited for a third of the session timeout.
    public func close() async {
        await withCheckedContinuation { continuation in
            loop.execute { self.driver.value.close(continuation) }
        }
    }

    /// The session's state and deadline, as of now.
    public var status: SessionStatus { board.status }

    /// The session's states: the present one at once, then each change, up to a terminal one.
    ///
    /// A reader that is more than 16 states late misses the oldest of them. Each call makes a
    /// sequence of its own, for one reader.
    public func states() -> AsyncStream<SessionState> { board.states() }

    /// Returns as soon as the session is connected.
    ///
    /// - Throws: ``ZooKeeperError`` if the session is over, or with `cancelled`.
    public func waitUntilConnected() async throws(ZooKeeperError) {
        for await state in states() {
            switch state {
            case .connected: return
            case .connecting, .suspended: continue
            case .expired: throw ZooKeeperError(code: .sessionExpired)
            case .authenticationFailed: throw ZooKeeperError(code: .authenticationFailed)
            case .closed: throw ZooKeeperError(code: .sessionClosed)
            }
        }
        throw ZooKeeperError(code: .cancelled)
    }

    // MARK: Requests

    /// Sends one request and waits for its reply.
    func perform(
        _ request: Request,
        watch: WatchBuffer? = nil
    ) async throws(ZooKeeperError) -> Response {
        let id = RequestID(number: nextNumber())
        let ticket = Ticket()
        let result: Result<Response, ZooKeeperError> = await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                loop.execute {
                    guard !ticket.isCancelled.load(ordering: .acquiring) else {
                        let failure = ZooKeeperError(code: .cancelled).describing(request)
                        return continuation.resume(returning: .failure(failure))
                    }
                    self.driver.value.submit(id, request, watch: watch, reply: continuation)
                }
            }
        } onCancel: {
            // The ticket stops a request that is not submitted yet, the event one that is.
            ticket.isCancelled.store(true, ordering: .releasing)
            loop.execute { self.driver.value.handle(.cancel(id)) }
        }
        return try result.get()
    }

    /// Sends a request that puts a watch in place.
    func performWatching(
        _ path: String,
        isOneShot: Bool,
        _ request: (WatchID) -> Request
    ) async throws(ZooKeeperError) -> (Response, WatchHandle) {
        let id = WatchID(number: nextNumber())
        let buffer = WatchBuffer(
            path: path,
            limit: configuration.watchBufferLimit,
            isOneShot: isOneShot
        )
        let handle = WatchHandle(buffer: buffer) { [loop, driver] in
            loop.execute { driver.value.unwatch(id) }
        }
        return (try await perform(request(id), watch: buffer), handle)
    }

    private func nextNumber() -> UInt64 {
        counter.add(1, ordering: .relaxed).newValue
    }
}

/// Whether the task of a request was cancelled.
private final class Ticket: Sendable {
    let isCancelled = Atomic<Bool>(false)
}

extension SessionMachine.Settings {
    fileprivate init(_ configuration: ZooKeeperConfiguration, seed: UInt64) {
        self.init(
            servers: configuration.connection.servers,
            chroot: Chroot(configuration.connection.chroot),
            sessionTimeout: max(configuration.sessionTimeout, .milliseconds(1)),
            connectTimeout: configuration.connectTimeout,
            authentication: configuration.authentication,
            minimumBackoff: max(configuration.minimumBackoff, .milliseconds(1)),
            maximumBackoff: max(configuration.maximumBackoff, .milliseconds(1)),
            requestWait: configuration.requestWait,
            maximumFrameLength: configuration.maximumFrameLength,
            maximumRequests: configuration.maximumRequests,
            maximumRequestBytes: configuration.maximumRequestBytes,
            seed: seed
        )
    }
}
