import Testing

@testable import ZooKeeperClient

/// A session machine on a test bench: time passes when the test says so, and the test plays the
/// server.
struct Bench {
    var machine: SessionMachine
    var now = Instant.origin
    /// What the machine wanted since the last look.
    private(set) var actions: [SessionAction] = []
    private var requestCount: UInt64 = 0

    init(_ change: (inout SessionMachine.Settings) -> Void = { _ in }) {
        var settings = SessionMachine.Settings(
            servers: [
                ServerAddress(host: "a"), ServerAddress(host: "b"), ServerAddress(host: "c"),
            ],
            sessionTimeout: .seconds(9)
        )
        change(&settings)
        machine = SessionMachine(settings)
    }

    /// A bench whose session stands.
    static func connected(
        _ change: (inout SessionMachine.Settings) -> Void = { _ in }
    ) -> Bench {
        var bench = Bench(change)
        bench.handle(.start)
        bench.open()
        bench.welcome()
        bench.take()
        return bench
    }

    mutating func handle(_ event: SessionEvent) {
        actions += machine.handle(event, at: now)
    }

    /// What the machine wanted, once.
    @discardableResult
    mutating func take() -> [SessionAction] {
        defer { actions = [] }
        return actions
    }

    /// Lets time pass, with a tick whenever the machine asked for one.
    mutating func advance(by duration: Duration) {
        let end = now.advanced(by: duration)
        var ticks = 0
        while let wake = machine.nextWake, wake <= end {
            now = max(now, wake)
            handle(.tick)
            ticks += 1
            precondition(ticks < 100_000, "the machine asks for ticks without end at \(now)")
        }
        now = end
    }

    // MARK: The server's side

    /// The connection in use.
    var connection: ConnectionID { machine.link?.id ?? ConnectionID(number: 0) }

    mutating func open() {
        handle(.opened(connection))
    }

    mutating func lose(_ reason: String = "cut") {
        handle(.ended(connection, reason: reason))
    }

    mutating func receive(_ body: [UInt8]) {
        handle(.received(connection, JuteWriter.frame(body)))
    }

    mutating func welcome(
        session: Int64 = 0x77,
        timeout: Int32 = 9_000,
        isReadOnly: Bool = false
    ) {
        var writer = JuteWriter()
        writer.write(Int32(0))
        writer.write(timeout)
        writer.write(session)
        writer.write([UInt8](repeating: 5, count: 16))
        writer.write(isReadOnly)
        receive(writer.bytes)
    }

    mutating func reply(
        _ xid: Int32,
        zxid: Int64 = 1,
        error: Int32 = 0,
        _ body: (inout JuteWriter) -> Void = { _ in }
    ) {
        var writer = JuteWriter()
        writer.write(xid)
        writer.write(zxid)
        writer.write(error)
        body(&writer)
        receive(writer.bytes)
    }

    mutating func notify(_ type: Int32, _ path: String) {
        reply(ReservedXid.watchEvent, zxid: -1) { writer in
            writer.write(type)
            writer.write(Int32(3))
            writer.write(path)
        }
    }

    // MARK: The user's side

    @discardableResult
    mutating func submit(_ request: Request) -> RequestID {
        requestCount += 1
        let id = RequestID(number: requestCount)
        handle(.submit(id, request))
        return id
    }
}

/// A frame that the machine sent.
struct SentFrame: Equatable {
    var xid: Int32
    var code: Int32
    var body: [UInt8]
}

extension [SessionAction] {
    /// The numbered and reserved requests that were sent.
    var frames: [SentFrame] {
        get throws {
            try compactMap { (action) -> SentFrame? in
                guard case .send(_, let bytes) = action else { return nil }
                var reader = JuteReader(bytes)
                let length = try reader.readInt32()
                #expect(Int(length) == bytes.count - 4)
                return SentFrame(
                    xid: try reader.readInt32(),
                    code: try reader.readInt32(),
                    body: [UInt8](bytes.dropFirst(12))
                )
            }
        }
    }

    /// The requests that were answered, and how.
    var completions: [RequestID: Result<Response, ZooKeeperError>] {
        var completions: [RequestID: Result<Response, ZooKeeperError>] = [:]
        for case .complete(let id, let result) in self {
            #expect(completions[id] == nil, "\(id) answered twice")
            completions[id] = result
        }
        return completions
    }

    func failure(of id: RequestID) -> ZooKeeperError? {
        guard case .failure(let error) = completions[id] else { return nil }
        return error
    }

    /// The servers that connections were wanted to.
    var servers: [ServerAddress] {
        compactMap { action in
            guard case .connect(_, let server) = action else { return nil }
            return server
        }
    }

    /// The events that readers were told.
    var events: [WatchRegistry.Delivery] {
        compactMap { action in
            guard case .deliver(let watch, let event) = action else { return nil }
            return WatchRegistry.Delivery(watch: watch, kind: event.kind, path: event.path)
        }
    }
}

extension JuteWriter {
    /// A stat with recognisable numbers.
    mutating func writeStat(version: Int32 = 3, owner: Int64 = 0) {
        write(Int64(10))
        write(Int64(11))
        write(Int64(1_000))
        write(Int64(2_000))
        write(version)
        write(Int32(4))
        write(Int32(5))
        write(owner)
        write(Int32(6))
        write(Int32(7))
        write(Int64(12))
    }
}

func watch(_ number: UInt64) -> WatchID { WatchID(number: number) }
