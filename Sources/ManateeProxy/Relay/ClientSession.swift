import Logging
import NIOCore

/// One client, from its first byte to its last; everything happens on its channel's event loop.
///
///     proxyHeader ── packet ── seeking ── connecting ── greeting ── introduced ── relaying
///                      │  └────── answer (to a request for encryption) ──┘
///                      └── cancelling
final class ClientSession {
    enum Stage {
        /// The PROXY protocol's header is to come.
        case proxyHeader
        /// The client has not said yet what it wants, or says it again after a "no" to encryption.
        case packet
        /// It waits for a server.
        case seeking
        case connecting
        /// The server was asked for encryption.
        case answer
        /// The server has not said anything yet.
        case greeting
        /// The server talks to the client, and is listened to.
        case introduced
        case relaying
        case cancelling
        case over
    }

    let id: ProxyRouting.SessionID
    let settings: ProxySessionSettings
    let listener: ProxyListener
    let hub: ProxyHub
    let channel: any Channel
    let client = Pipe()
    var server: Pipe?
    var backend: Backend?

    var stage: Stage
    /// What the client said and no server has taken.
    var inbox = ByteBuffer()
    /// What the server said before it was clear whether the client may hear it.
    var outbox = ByteBuffer()
    var packet: StartupPacket?
    var greeting = ServerGreeting()
    var key: CancelKey?
    var clientAddress: String
    /// How many bytes came from servers that are gone.
    private var byteCount = 0
    private var isKnown = false
    private var attempt = 0
    private var waitingSince: ContinuousClock.Instant?
    private var timer: Scheduled<Void>?
    private var limit: Scheduled<Void>?

    /// The most that a client may say before a server has taken it, in bytes.
    private static let inboxLimit = 65_536

    init(
        id: ProxyRouting.SessionID,
        channel: any Channel,
        listener: ProxyListener,
        settings: ProxySessionSettings,
        hub: ProxyHub
    ) {
        self.id = id
        self.channel = channel
        self.listener = listener
        self.settings = settings
        self.hub = hub
        clientAddress = channel.remoteAddress?.ipAddress ?? ""
        stage = settings.acceptsProxyHeader ? .proxyHeader : .packet
        client.onBytes = { self.clientSaid($0) }
        client.onInputClosed = { self.over() }
        client.onEnd = { self.clientGone() }
        limit = later(settings.startupTime) { $0.over() }
    }

    // MARK: The client

    private func clientSaid(_ bytes: ByteBuffer) {
        var bytes = bytes
        inbox.writeBuffer(&bytes)
        guard inbox.readableBytes <= Self.inboxLimit else { return over() }
        readInbox()
    }

    private func readInbox() {
        switch stage {
        case .proxyHeader: readProxyHeader()
        case .packet: readPacket()
        // It must wait for its turn.
        case .seeking, .connecting, .answer, .greeting: break
        case .introduced, .relaying, .cancelling, .over: break
        }
    }

    private func readProxyHeader() {
        switch ProxyHeader.read(Array(inbox.readableBytesView)) {
        case .incomplete: break
        case .malformed: over()
        case .header(let length, let address):
            inbox.moveReaderIndex(forwardBy: length)
            clientAddress = address ?? clientAddress
            stage = .packet
            readPacket()
        }
    }

    private func readPacket() {
        guard let (packet, _) = StartupPacket.read(inbox.readableBytesView) else { return }
        self.packet = packet
        switch packet {
        case .malformed: over()
        case .cancelRequest(let key): cancel(key)
        case .encryptionRequest, .encrypted, .startup:
            // After a "no" to encryption the server is there already.
            if server != nil { introduce() } else { seek() }
        }
    }

    // MARK: The server

    private func seek() {
        if !isKnown {
            let handle = SessionHandle(
                id: id,
                loop: channel.eventLoop,
                session: NIOLoopBound(self, eventLoop: channel.eventLoop)
            )
            if let refusal = hub.arrived(handle, at: listener) { return refuse(refusal) }
            isKnown = true
            limit?.cancel()
        }
        stage = .seeking
        act(hub.route(id))
    }

    /// Something changed: perhaps there is a server now.
    func retry() {
        guard case .seeking = stage else { return }
        act(hub.route(id))
    }

    private func act(_ decision: ProxyRouting.Decision) {
        timer?.cancel()
        switch decision {
        case .connect(let backend):
            connect(to: backend)
        case .wait(let pause):
            waitingSince = waitingSince ?? .now
            stage = .seeking
            timer = later(pause) { $0.retry() }
        case .refuse(let refusal):
            refuse(refusal, isCounted: true)
        }
    }

    private func connect(to backend: Backend) {
        stage = .connecting
        attempt += 1
        let number = attempt
        self.backend = backend
        settings.connect(to: backend, on: channel.eventLoop).assumeIsolated().whenComplete {
            result in
            switch result {
            case .failure:
                guard case .connecting = self.stage, self.attempt == number else { return }
                self.act(self.hub.failed(self.id))
            case .success(let channel):
                guard case .connecting = self.stage, self.attempt == number else {
                    return channel.close(promise: nil)
                }
                self.connected(channel)
            }
        }
    }

    private func connected(_ channel: any Channel) {
        let pipe = Pipe()
        server = pipe
        pipe.onBytes = { self.serverSaid($0) }
        // A server never ends its output alone.
        pipe.onInputClosed = { self.serverGone() }
        pipe.onEnd = { self.serverGone() }
        do {
            try channel.pipeline.syncOperations.addHandler(pipe)
            if let version = settings.sentHeader {
                pipe.send(ByteBuffer(bytes: header(version)))
            }
            try channel.syncOptions?.setOption(.autoRead, value: true)
        } catch {
            // The connection ended in the same moment.
            server = nil
            channel.close(promise: nil)
            return act(hub.failed(id))
        }
        introduce()
    }

    private func header(_ version: ProxyHeader.Version) -> [UInt8] {
        func end(_ address: SocketAddress?) -> ProxyHeader.End {
            ProxyHeader.End(
                address: address?.packedAddress ?? [],
                text: address?.ipAddress ?? "",
                port: address?.port ?? 0
            )
        }
        return ProxyHeader.write(
            version,
            from: end(channel.remoteAddress),
            to: end(channel.localAddress)
        )
    }

    /// Tells the server what the client wants.
    private func introduce() {
        switch packet {
        case .encrypted:
            encrypted()
        case .encryptionRequest:
            stage = .answer
            server?.send(inbox)
        case .startup, .cancelRequest, .malformed, nil:
            stage = .greeting
            greeting = ServerGreeting()
            outbox.clear()
            server?.send(inbox)
        }
    }

    private func serverSaid(_ bytes: ByteBuffer) {
        switch stage {
        case .answer: answered(bytes)
        case .greeting: greeted(bytes)
        case .introduced: overheard(bytes)
        case .proxyHeader, .packet, .seeking, .connecting, .relaying, .cancelling, .over: break
        }
    }

    /// One byte says whether there will be encryption.
    private func answered(_ bytes: ByteBuffer) {
        switch bytes.readableBytesView.first.map({ UnicodeScalar($0) }) {
        case "N" where bytes.readableBytes == 1:
            inbox.clear()
            client.send(bytes)
            stage = .packet
        case "S", "G":
            inbox.clear()
            client.send(bytes)
            encrypted()
        default:
            // An error from before the session, in the server's words.
            inbox.clear()
            client.send(bytes)
            relay()
        }
    }

    private func encrypted() {
        if let backend { hub.noteEncrypted(id, from: clientAddress, at: backend) }
        admitted()
        relay()
    }

    /// The server's first message: an error may mean that it is too early.
    private func greeted(_ bytes: ByteBuffer) {
        var bytes = bytes
        greeting.read(bytes.readableBytesView)
        outbox.writeBuffer(&bytes)
        switch greeting.firstWord {
        case nil:
            return
        case .error(let sqlState):
            if let decision = hub.turnedAway(id, sqlState: sqlState) {
                dropServer()
                return act(decision)
            }
            client.send(outbox)
            relay()
        case .other:
            // The password, or the next packet, goes on to the server from now on.
            let packetLength = StartupPacket.read(inbox.readableBytesView)?.length ?? 0
            inbox.moveReaderIndex(forwardBy: packetLength)
            admitted()
            stage = .introduced
            join()
            let said = outbox
            outbox.clear()
            listen(said)
        }
    }

    private func overheard(_ bytes: ByteBuffer) {
        greeting.read(bytes.readableBytesView)
        listen(bytes)
    }

    /// Passes on what the server said, and keeps what is to be known of it.
    private func listen(_ bytes: ByteBuffer) {
        if greeting.isInRecovery, listener == .readWrite { return refuse(.promoting) }
        client.send(bytes)
        guard greeting.isOver else { return }
        if let key = greeting.key, let backend {
            self.key = key
            hub.note(key, of: backend)
        }
        relay()
    }

    private func admitted() {
        hub.admitted(id, after: waitingSince?.duration(to: .now) ?? .zero)
    }

    // MARK: Relaying

    /// Both ends become each other's partners; the client's bytes go straight through.
    private func join() {
        guard let server else { return over() }
        client.partner = server
        server.partner = client
        client.onBytes = nil
        client.onInputClosed = nil
        if inbox.readableBytes > 0 {
            server.send(inbox)
            inbox.clear()
        }
        if client.isInputClosed { client.passInputClosed() }
    }

    private func relay() {
        if client.partner == nil { join() }
        stage = .relaying
        server?.onBytes = nil
    }

    // MARK: Ends

    private func serverGone() {
        switch stage {
        case .answer, .greeting:
            dropServer()
            act(hub.failed(id))
        case .introduced, .relaying:
            client.finish()
        case .packet:
            // It did not wait for the client after its "no" to encryption.
            over()
        case .proxyHeader, .seeking, .connecting, .cancelling, .over:
            break
        }
    }

    private func dropServer() {
        let pipe = server
        server = nil
        byteCount += pipe?.byteCount ?? 0
        // Before its end is told, which must not be taken for the server's own doing.
        pipe?.detach()
        pipe?.close()
    }

    /// The server is deposed: nothing more may pass in either direction.
    func cut() {
        switch stage {
        case .connecting, .greeting, .answer:
            dropServer()
            attempt += 1
            stage = .seeking
            act(hub.route(id))
        case .packet, .introduced, .relaying:
            over()
        case .proxyHeader, .seeking, .cancelling, .over:
            break
        }
    }

    func refuse(_ refusal: Refusal, isCounted: Bool = false) {
        if refusal == .promoting, !isCounted { hub.refused(refusal) }
        let message = ErrorMessage.fatal(sqlState: refusal.sqlState, refusal.message)
        dropServer()
        stage = .over
        client.send(ByteBuffer(bytes: message))
        client.finish()
    }

    /// Ends both connections at once.
    func over() {
        stage = .over
        dropServer()
        client.close()
    }

    private func clientGone() {
        let wasRelaying = if case .relaying = stage { true } else { false }
        stage = .over
        timer?.cancel()
        limit?.cancel()
        hub.left(listener)
        let last = server
        // What the client said last still reaches the server: it may be the end of a session.
        if wasRelaying { last?.finish() } else { last?.close() }
        byteCount += last?.byteCount ?? 0
        server = nil
        client.detach()
        last?.detach()
        guard isKnown else { return }
        hub.ended(id, key: key, toServer: client.byteCount, toClient: byteCount)
    }

    func later(
        _ pause: Duration,
        _ act: @escaping (ClientSession) -> Void
    ) -> Scheduled<Void> {
        channel.eventLoop.assumeIsolated().scheduleTask(in: TimeAmount(pause)) { [weak self] in
            if let self { act(self) }
        }
    }
}
