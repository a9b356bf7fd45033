/// One ZooKeeper session as a value: takes what happens, returns what to do.
///
/// No clock, no I/O, no randomness of its own: the shell passes the time and a seed, so a log of
/// (instant, event) pairs repeats everything. The shell must carry out the actions in their order,
/// and send `tick` when ``nextWake`` has come (earlier does no harm).
///
/// What it keeps:
/// - Requests are sent, and answered, in the order of their submission.
/// - A request that was sent and not answered when its connection ended has an unknown outcome; one
///   that was never sent waits for the next connection, up to `requestWait`.
/// - A watch's event is delivered before the reply to any request that could see the change.
/// - After a reconnect watches are put in place before any request is sent.
struct SessionMachine {
    /// What a machine is told once and for all.
    struct Settings: Hashable {
        var servers: [ServerAddress]
        var chroot = Chroot("/")
        var sessionTimeout: Duration
        var connectTimeout: Duration?
        var authentication: [Authentication] = []
        var minimumBackoff: Duration = .milliseconds(100)
        var maximumBackoff: Duration = .seconds(1)
        var requestWait: Duration?
        var maximumFrameLength = 1_048_575
        var maximumRequests = 1_000
        var maximumRequestBytes = 64 << 20
        var seed: UInt64 = 0
    }

    enum Phase: Hashable {
        /// `run()` was not called yet. Valid transitions: `.opening`, `.ended`.
        case idle
        /// Between two attempts. Valid transitions: `.opening`, `.ended`.
        case pausing(until: Instant)
        /// Waiting for a connection. Valid transitions: `.greeting`, `.pausing`, `.ended`.
        case opening
        /// Waiting for the server to take the session. Valid transitions: `.authenticating`,
        /// `.established`, `.opening`, `.pausing`, `.ended`.
        case greeting
        /// Waiting for the server to take the credentials. Valid transitions: `.established`,
        /// `.opening`, `.pausing`, `.closing`, `.ended`.
        case authenticating(outstanding: Int)
        /// Requests are sent and answered. Valid transitions: `.opening`, `.pausing`, `.closing`,
        /// `.ended`.
        case established
        /// Waiting for the server to close the session. Valid transitions: `.ended`.
        case closing(until: Instant)
        /// Over. Terminal.
        case ended(ZooKeeperError)
    }

    /// The session as the server that took it told.
    struct Identity: Hashable {
        var id: SessionID
        var password: [UInt8]
        var timeout: Duration
    }

    /// A request that was not sent yet.
    struct Waiting {
        var id: RequestID
        var request: Request
        var body: [UInt8]
        var until: Instant
    }

    let settings: Settings
    var phase = Phase.idle
    var identity: Identity?
    var link: Link?
    var backoff: Backoff
    var registry = WatchRegistry()
    var waiting: [Waiting] = []
    /// Requests that wait or are in flight, and their bytes.
    var requestCount = 0
    var requestBytes = 0
    var lastZxid: Int64 = 0
    var lastHeard: Instant?
    /// When the last request that was answered was sent: servers had word from us after it.
    var confirmedAt: Instant?
    var lastFailure: String?
    /// Whether the session was usable at least once.
    var wasEstablished = false
    private var connectionCount: UInt64 = 0

    init(_ settings: Settings) {
        self.settings = settings
        backoff = Backoff(
            servers: settings.servers,
            minimum: settings.minimumBackoff,
            maximum: settings.maximumBackoff,
            seed: settings.seed
        )
    }

    /// Takes one event.
    ///
    /// - Returns: What to do, in this order.
    mutating func handle(_ event: SessionEvent, at now: Instant) -> [SessionAction] {
        switch event {
        case .start:
            guard phase == .idle else { return [] }
            return open(at: now)
        case .opened(let id):
            guard link?.id == id, phase == .opening else { return [.disconnect(id)] }
            return greet(at: now)
        case .ended(let id, let reason):
            guard link?.id == id else { return [] }
            return drop(reason, at: now)
        case .received(let id, let bytes):
            guard link?.id == id else { return [] }
            return receive(bytes, at: now)
        case .submit(let id, let request):
            return submit(id, request, at: now)
        case .cancel(let id):
            return cancel(id, at: now)
        case .unwatch(let watch):
            return unwatch(watch, at: now)
        case .close:
            return close(at: now)
        case .tick:
            return tick(at: now)
        }
    }

    // MARK: Connecting

    /// Begins a connection to the next server.
    mutating func open(at now: Instant) -> [SessionAction] {
        connectionCount += 1
        let link = Link(
            id: ConnectionID(number: connectionCount),
            server: backoff.nextServer(),
            limit: settings.maximumFrameLength + Self.replyOverhead,
            at: now
        )
        self.link = link
        phase = .opening
        return [.connect(link.id, link.server)]
    }

    /// What a reply may have on top of the largest request, in bytes: header and stat.
    static let replyOverhead = 1_024

    private mutating func greet(at now: Instant) -> [SessionAction] {
        phase = .greeting
        link?.greetedAt = now
        link?.lastSent = now
        let request = ConnectRequest(
            lastZxid: lastZxid,
            timeout: settings.sessionTimeout,
            sessionID: identity?.id.rawValue ?? 0,
            password: identity?.password ?? Array(repeating: 0, count: 16)
        )
        return send(request.encoded())
    }

    /// Takes the server's word on the session.
    mutating func welcome(_ response: ConnectResponse, at now: Instant) -> [SessionAction] {
        guard let link else { return [] }
        guard response.timeout > .zero, response.sessionID != 0 else {
            guard identity != nil else {
                return drop("\(link.server) refuses a new session", at: now)
            }
            return end(ZooKeeperError(code: .sessionExpired), at: now)
        }
        guard !response.isReadOnly else {
            return drop("\(link.server) is read-only: it has no quorum", at: now)
        }
        if let identity, identity.id.rawValue != response.sessionID {
            let other = SessionID(response.sessionID)
            return drop("\(link.server) answers for session \(other)", at: now)
        }
        identity = Identity(
            id: SessionID(response.sessionID),
            password: response.password,
            timeout: response.timeout
        )
        confirm(link.greetedAt)
        guard !settings.authentication.isEmpty else { return establish(at: now) }
        phase = .authenticating(outstanding: settings.authentication.count)
        return settings.authentication.flatMap { credentials in
            var writer = JuteWriter()
            writer.write(ReservedXid.auth)
            writer.write(OperationCode.auth.rawValue)
            writer.write(Int32(0))
            writer.write(credentials.scheme)
            writer.write(credentials.secret)
            return send(writer.bytes)
        }
    }

    /// Puts the watches in place, then sends what waits.
    mutating func establish(at now: Instant) -> [SessionAction] {
        phase = .established
        wasEstablished = true
        link?.establishedAt = now
        link?.lastSent = now
        let chunks = registry.resubscription.chunks()
        link?.watchChunksOutstanding = chunks.count
        var actions = chunks.flatMap { chunk in
            var writer = JuteWriter()
            writer.write(ReservedXid.setWatches)
            writer.write(chunk.code.rawValue)
            return send(writer.bytes + chunk.encoded(relativeZxid: lastZxid))
        }
        let requests = waiting
        waiting = []
        for entry in requests {
            actions += transmit(entry, at: now)
        }
        return actions
    }

    // MARK: Losing a connection

    /// Ends the present connection and looks for the next one.
    ///
    /// `error` is what the first request without a reply is told instead of `connectionLost`.
    mutating func drop(
        _ reason: String,
        telling error: ZooKeeperError.Code = .connectionLost,
        at now: Instant
    ) -> [SessionAction] {
        guard let link else { return [] }
        lastFailure = reason
        var actions = abandonLink(reason: reason, telling: error)
        actions.append(.report(link.server, reason: reason))
        if case .closing = phase {
            return actions + end(nil, at: now)
        }
        // A connection that stood for a while was of use: its successor is tried at once.
        if let establishedAt = link.establishedAt,
            establishedAt.duration(to: now) >= settings.maximumBackoff
        {
            backoff.reset()
            return actions + open(at: now)
        }
        let pause = backoff.pauseAfterFailure()
        guard pause > .zero else { return actions + open(at: now) }
        phase = .pausing(until: now.advanced(by: pause))
        return actions
    }

    /// Forgets the connection; what was sent on it has an unknown outcome.
    private mutating func abandonLink(
        reason: String,
        telling error: ZooKeeperError.Code
    ) -> [SessionAction] {
        guard let link else { return [] }
        self.link = nil
        var actions: [SessionAction] = [.disconnect(link.id)]
        var code = error
        for entry in link.pending {
            switch entry.owner {
            case .user(let id, let request):
                release(entry.size)
                if case .addWatch(_, _, let watch) = request {
                    // The server forgets it with the connection.
                    _ = registry.remove(watch)
                }
                let failure = ZooKeeperError(code: code, outcome: .unknown, detail: reason)
                actions.append(.complete(id, .failure(failure.describing(request))))
            case .abandoned:
                release(entry.size)
            case .watchRemoval, .watchNarrowing, .close:
                break
            }
            code = .connectionLost
        }
        return actions
    }

    /// Ends the session for good; `error` is nil if this side closed it.
    mutating func end(_ error: ZooKeeperError?, at now: Instant) -> [SessionAction] {
        var actions = abandonLink(reason: "the session ended", telling: .connectionLost)
        let failure = error ?? ZooKeeperError(code: .sessionClosed)
        phase = .ended(failure)
        for entry in waiting {
            release(entry.body.count)
            actions.append(.complete(entry.id, .failure(failure.describing(entry.request))))
        }
        waiting = []
        actions += registry.removeAll().map { .finish($0, error) }
        actions.append(.end(error))
        return actions
    }

    private mutating func close(at now: Instant) -> [SessionAction] {
        switch phase {
        case .closing, .ended:
            return []
        case .idle, .pausing, .opening, .greeting:
            return end(nil, at: now)
        case .authenticating, .established:
            var actions: [SessionAction] = []
            for entry in waiting {
                release(entry.body.count)
                let failure = ZooKeeperError(code: .sessionClosed).describing(entry.request)
                actions.append(.complete(entry.id, .failure(failure)))
            }
            waiting = []
            phase = .closing(until: now.advanced(by: closePatience))
            return actions + transmit(.closeSession, [], for: .close, at: now)
        }
    }

    /// How long to wait for the server's answer to a close, which makes it final at once.
    private var closePatience: Duration {
        (identity?.timeout ?? settings.sessionTimeout) / 3
    }

    // MARK: Sending

    /// One frame on the present connection.
    func send(_ body: [UInt8]) -> [SessionAction] {
        guard let link else { return [] }
        return [.send(link.id, JuteWriter.frame(body))]
    }

    /// One numbered request on the present connection.
    mutating func transmit(
        _ code: OperationCode,
        _ body: [UInt8],
        for owner: Link.Owner,
        isCovered: Bool = false,
        at now: Instant
    ) -> [SessionAction] {
        guard let xid = link?.takeXid() else { return [] }
        link?.expect(
            Link.Pending(
                xid: xid,
                owner: owner,
                sentAt: now,
                size: body.count,
                isCovered: isCovered
            )
        )
        link?.lastSent = now
        var writer = JuteWriter()
        writer.write(xid)
        writer.write(code.rawValue)
        return send(writer.bytes + body)
    }

    /// Gives back what a request took of the bounds.
    mutating func release(_ size: Int) {
        requestCount -= 1
        requestBytes -= size
        precondition(requestCount >= 0 && requestBytes >= 0, "released more than was taken")
    }

    /// Notes that servers had word from us at `sentAt` or later.
    mutating func confirm(_ sentAt: Instant) {
        confirmedAt = max(confirmedAt ?? sentAt, sentAt)
    }
}
