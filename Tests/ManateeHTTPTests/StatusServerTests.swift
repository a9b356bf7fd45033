import Dispatch
import Glibc
import Logging
import NIOCore
import ServiceLifecycle
import Testing

@testable import ManateeHTTP

@Suite("The status server on a socket", .timeLimit(.minutes(1)))
struct StatusServerTests {
    private let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }

    /// Runs a server, and `body` with its port.
    private func withServer(
        of asking: Asking = Asking(),
        change: (inout StatusServer) -> Void = { _ in },
        _ body: @Sendable (Int) async throws -> Void
    ) async throws {
        let (ports, sink) = AsyncStream<Int>.makeStream()
        var changed = StatusServer(
            address: "127.0.0.1",
            port: 0,
            status: asking.status,
            context: asking.surroundings.context,
            logger: logger,
            onListening: { sink.yield($0) }
        )
        change(&changed)
        let server = changed
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await server.run() }
            let port = try #require(await ports.first { _ in true })
            try await body(port)
            group.cancelAll()
            try await group.waitForAll()
        }
    }

    /// Sends `bytes`, and reads until the server closes the connection, or `end` has come.
    ///
    /// Unless `mayFollow`, the server is told that nothing follows.
    private func exchange(
        _ bytes: [UInt8],
        port: Int,
        mayFollow: Bool = false,
        until end: String? = nil
    ) async throws -> String {
        // On a thread of its own: the server needs those that tasks share.
        try await withCheckedThrowingContinuation { waiter in
            DispatchQueue.global().async {
                waiter.resume(
                    with: Result { try blockingExchange(bytes, port, mayFollow, end) }
                )
            }
        }
    }

    private func blockingExchange(
        _ bytes: [UInt8],
        _ port: Int,
        _ mayFollow: Bool,
        _ end: String?
    ) throws -> String {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(descriptor) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = UInt16(port).bigEndian
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        let connected = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
            }
        }
        try #require(connected)
        _ = send(descriptor, bytes, bytes.count, Int32(MSG_NOSIGNAL))
        if !mayFollow { shutdown(descriptor, Int32(SHUT_WR)) }
        var answer: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 65536)
        var request = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        while true {
            try #require(poll(&request, 1, 10_000) == 1, "the server kept the connection open")
            let count = recv(descriptor, &buffer, buffer.count, 0)
            guard count > 0 else { return String(decoding: answer, as: UTF8.self) }
            answer += buffer.prefix(count)
            let text = String(decoding: answer, as: UTF8.self)
            if let end, text.contains(end) { return text }
        }
    }

    private func get(_ path: String, port: Int) async throws -> String {
        try await exchange(
            Array("GET \(path) HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".utf8),
            port: port
        )
    }

    @Test func `answers with headers and a body`() async throws {
        try await withServer { port in
            let answer = try await get("/ping", port: port)
            #expect(answer.hasPrefix("HTTP/1.1 200 OK\r\n"))
            #expect(answer.lowercased().contains("content-type: application/json"))
            #expect(answer.lowercased().contains("server: manatee-sitter"))
            #expect(answer.lowercased().contains("content-length: 56\r\n"))
            #expect(
                answer.hasSuffix("{\"error\":null,\"healthy\":true,\"lastCheck\":1700000000123}\n")
            )
        }
    }

    @Test func `answers HEAD with the length of what GET would bring`() async throws {
        try await withServer { port in
            let answer = try await exchange(
                Array("HEAD /ping HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".utf8),
                port: port
            )
            #expect(answer.lowercased().contains("content-length: 56\r\n"))
            #expect(answer.hasSuffix("\r\n\r\n"))
        }
    }

    @Test func `survives garbage`() async throws {
        let garbage: [[UInt8]] = [
            [], [0x16, 0x03, 0x01, 0x02, 0x00, 0x01], Array("\r\n\r\n\r\n".utf8),
            Array("GET\r\n\r\n".utf8), Array("GET / HTTP/9.9\r\n\r\n".utf8),
            Array(repeating: 0xFF, count: 100_000),
            Array("GET /\(String(repeating: "a", count: 200_000)) HTTP/1.1\r\n\r\n".utf8),
            Array("GET / HTTP/1.1\r\n\(String(repeating: "X: y\r\n", count: 20_000))\r\n".utf8),
            Array("POST /state HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n".utf8),
            Array(
                "POST /state HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nZZ\r\n".utf8
            ),
            Array("GET / HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999999999999999\r\n\r\n".utf8),
        ]
        try await withServer { port in
            for bytes in garbage {
                let answer = try await exchange(bytes, port: port)
                #expect(!answer.hasPrefix("HTTP/1.1 200"), "\(bytes.prefix(40))")
                #expect(try await get("/", port: port).hasPrefix("HTTP/1.1 200"))
            }
        }
    }

    @Test func `sends events as they are told`() async throws {
        try await withServer(of: DashboardState.healthy.asking) { port in
            let request = "GET /events HTTP/1.1\r\nHost: x\r\nLast-Event-ID: 0-0\r\n\r\n"
            let answer = try await exchange(
                Array(request.utf8),
                port: port,
                mayFollow: true,
                until: "event: record\n"
            )
            #expect(answer.hasPrefix("HTTP/1.1 200 OK\r\n"))
            #expect(answer.lowercased().contains("content-type: text/event-stream"))
            #expect(answer.contains("event: decision\n"))
        }
    }

    @Test func `does not wait for clients that are slow`() async throws {
        var asking = Asking()
        asking.surroundings.token = OperatorToken(ScriptedSurroundings.token)
        try await withServer(of: asking, change: { $0.idleLimit = .milliseconds(300) }) { port in
            for silent in ["", "GET /ping HT", "GET /ping HTTP/1.1\r\nHost: x\r\nX-Slow: "] {
                let answer = try await exchange(Array(silent.utf8), port: port, mayFollow: true)
                #expect(!answer.hasPrefix("HTTP/1.1 200"), "\(silent)")
            }
        }
        try await withServer(of: asking, change: { $0.bodyPatience = .milliseconds(200) }) { port in
            let head = """
                POST /freeze HTTP/1.1\r\nHost: x\r\nContent-Length: 20\r\n\
                Authorization: Bearer \(ScriptedSurroundings.token)\r\n\r\n{"reason"
                """
            let answer = try await exchange(
                Array(head.utf8),
                port: port,
                mayFollow: true,
                until: "RequestTimeoutError"
            )
            #expect(answer.hasPrefix("HTTP/1.1 408 Request Timeout\r\n"))
        }
    }

    @Test func `says which port is in use and what to do`() async throws {
        try await withServer { port in
            let second = StatusServer(
                address: "127.0.0.1",
                port: port,
                status: ScriptedStatus.working,
                context: ScriptedSurroundings().context,
                logger: logger
            )
            let error = await #expect(throws: StatusServerFailure.self) { try await second.run() }
            #expect(error == .portInUse(address: "127.0.0.1", port: port))
            #expect("\(error, default: "")".contains("ss -ltnp 'sport = :\(port)'"))
        }
    }

    @Test func `says when the address is not this host's`() async throws {
        let server = StatusServer(
            address: "192.0.2.1",
            port: 0,
            status: ScriptedStatus.working,
            context: ScriptedSurroundings().context,
            logger: logger
        )
        let error = await #expect(throws: StatusServerFailure.self) { try await server.run() }
        #expect("\(error, default: "")".contains("192.0.2.1"))
        #expect("\(error, default: "")".contains("statusServer.listenAddress"))
    }

    @Test func `ends on graceful shutdown`() async throws {
        let (ports, sink) = AsyncStream<Int>.makeStream()
        let server = StatusServer(
            address: "127.0.0.1",
            port: 0,
            status: ScriptedStatus.working,
            context: ScriptedSurroundings().context,
            logger: logger,
            onListening: { sink.yield($0) }
        )
        let group = ServiceGroup(services: [server], logger: logger)
        try await withThrowingTaskGroup(of: Void.self) { tasks in
            tasks.addTask { try await group.run() }
            _ = await ports.first { _ in true }
            await group.triggerGracefulShutdown()
            try await tasks.waitForAll()
        }
    }
}
