import CLibPQ
import Glibc

/// One session with a server, through libpq.
///
/// Every statement has a deadline. A statement that outlives it, or whose task is cancelled, ends
/// the session: what it left half-done is then undone by the server, and no later statement can
/// read its late answer. One statement runs at a time; others wait for their turn.
///
/// The actor lives on a thread of its own, because libpq blocks.
package actor PostgresConnection {
    /// A row of an answer: its columns as text, nil for null.
    package typealias Row = [String?]

    private let executor: ThreadExecutor
    private let target: ConnectionTarget
    private var handle: Handle?

    /// The thread on which libpq may block.
    package nonisolated var unownedExecutor: UnownedSerialExecutor {
        executor.asUnownedSerialExecutor()
    }

    private init(to target: ConnectionTarget) {
        executor = ThreadExecutor(label: "manatee.postgres.\(target.applicationName)")
        self.target = target
    }

    /// Connects to a server.
    ///
    /// - Parameters:
    ///   - target: the server, and as whom.
    ///   - limit: how long to wait for it; default 5 s.
    /// - Returns: the session.
    /// - Throws: `unreachable`, `refused`, `timedOut`, or `cancelled`.
    package static func open(
        _ target: ConnectionTarget,
        within limit: Duration = .seconds(5)
    ) async throws(PostgresError) -> PostgresConnection {
        let connection = PostgresConnection(to: target)
        try await connection.cancellable { (wake) throws(PostgresError) in
            try await connection.connect(within: limit, wake)
        }
        return connection
    }

    /// Runs one statement.
    ///
    /// - Parameters:
    ///   - sql: the statement, with `$1`, `$2`, ... for values.
    ///   - values: the values; never part of the text.
    ///   - limit: how long to wait for the answer; default 5 s.
    /// - Returns: the rows.
    /// - Throws: `statementFailed`; or, with the session's end, one of the others.
    package nonisolated func query(
        _ sql: String,
        _ values: [String?] = [],
        within limit: Duration = .seconds(5)
    ) async throws(PostgresError) -> [Row] {
        try await cancellable { (wake) throws(PostgresError) in
            try await self.run(sql, values, within: limit, wake)
        }
    }

    /// Repeats a statement until its first column is `expected`, without leaving the thread.
    ///
    /// Not cancellable, and quick: it is for the moments between a promotion's order and its end.
    ///
    /// - Parameters:
    ///   - sql: the statement.
    ///   - expected: the wanted text of the first column of the first row.
    ///   - pause: how long to wait between two looks.
    ///   - limit: how long to go on.
    ///   - nudge: called between two looks.
    /// - Returns: whether it was seen in time.
    /// - Throws: as `query`.
    package func repeatQuery(
        _ sql: String,
        until expected: String,
        every pause: Duration,
        within limit: Duration,
        nudge: @Sendable () -> Void
    ) throws(PostgresError) -> Bool {
        let deadline = ContinuousClock.now + limit
        let wake = WakeDescriptor()
        while true {
            let rows = try run(sql, [], within: .seconds(5), wake)
            if rows.first?.first == expected { return true }
            guard ContinuousClock.now < deadline else { return false }
            nudge()
            // A wait on no descriptor: this thread is there to block.
            _ = poll(nil, 0, Int32(pause.components.attoseconds / 1_000_000_000_000_000))
        }
    }

    /// Waits until the session ends, with nobody using it.
    ///
    /// - Returns: normally when the server closed it; also when the task is cancelled.
    package nonisolated func waitForEnd() async {
        do {
            try await cancellable { (wake) throws(PostgresError) in try await self.awaitEnd(wake) }
        } catch {
            // The end of the session is what was waited for, however it came.
        }
    }

    /// Asks for the log from a position on, to learn whether the server still has it.
    ///
    /// Returns once the server sent a piece, or sent none and did not refuse.
    ///
    /// - Parameters:
    ///   - command: `START_REPLICATION ...`.
    ///   - limit: how long to wait for the first piece.
    /// - Throws: `statementFailed` when the server cannot serve it; otherwise as `query`. The
    ///   session is closed in any case.
    package nonisolated func probeStreaming(
        _ command: String,
        within limit: Duration
    ) async throws(PostgresError) {
        try await cancellable { (wake) throws(PostgresError) in
            try await self.startAndLeave(command, within: limit, wake)
        }
    }

    /// Computes the verifier that the server stores instead of a password.
    ///
    /// - Parameters:
    ///   - password: the password; it does not leave this process.
    ///   - role: whose it is.
    /// - Returns: `SCRAM-SHA-256$...`.
    /// - Throws: `unexpectedAnswer` if libpq refuses.
    package func verifier(for password: String, of role: String) throws(PostgresError) -> String {
        guard let connection = handle?.pointer else {
            throw .unreachable(server: target.server, message: "the connection is closed")
        }
        guard let text = PQencryptPasswordConn(connection, password, role, "scram-sha-256") else {
            throw .unexpectedAnswer(
                server: target.server,
                statement: "verifier of a password",
                seen: message(of: connection)
            )
        }
        defer { PQfreemem(text) }
        return String(cString: text)
    }

    /// Ends the session; harmless when it has ended.
    package func close() {
        handle = nil
    }

    /// Whether the session answers.
    var isAlive: Bool {
        do {
            _ = try run("select 1", [], within: .seconds(1), WakeDescriptor())
            return true
        } catch {
            return false
        }
    }

    // MARK: On the connection's thread

    private nonisolated func cancellable<Value: Sendable>(
        _ body: (WakeDescriptor) async throws(PostgresError) -> Value
    ) async throws(PostgresError) -> Value {
        // One for each statement: the cancellation of one caller must not end another's.
        let wake = WakeDescriptor()
        let result: Result<Value, PostgresError> = await withTaskCancellationHandler {
            do throws(PostgresError) {
                return .success(try await body(wake))
            } catch {
                return .failure(error)
            }
        } onCancel: {
            wake.wake()
        }
        return try result.get()
    }

    private func connect(
        within limit: Duration,
        _ wake: WakeDescriptor
    ) throws(PostgresError) {
        let pairs = target.keywords
        let names = pairs.map { strdup($0.0) } + [nil]
        let values = pairs.map { strdup($0.1) } + [nil]
        defer { for text in names + values { free(text) } }
        guard
            let started = PQconnectStartParams(
                names.map { UnsafePointer($0) },
                values.map { UnsafePointer($0) },
                0
            )
        else {
            throw .unreachable(server: target.server, message: "libpq is out of memory")
        }
        let new = Handle(started)
        PQsetNoticeProcessor(new.pointer, { _, _ in }, nil)
        // A local socket refuses at once; there is nothing to wait on then.
        guard PQstatus(new.pointer) != CONNECTION_BAD else { throw refusal(of: new.pointer) }
        let deadline = ContinuousClock.now + limit
        var wanted = PGRES_POLLING_WRITING
        while true {
            switch wanted {
            case PGRES_POLLING_OK:
                handle = new
                return
            case PGRES_POLLING_READING:
                try wait(on: new, for: POLLIN, until: deadline, limit, wake, doing: "connect")
            case PGRES_POLLING_WRITING:
                try wait(on: new, for: POLLOUT, until: deadline, limit, wake, doing: "connect")
            default:
                throw refusal(of: new.pointer)
            }
            wanted = PQconnectPoll(new.pointer)
        }
    }

    private func refusal(of connection: OpaquePointer) -> PostgresError {
        let text = message(of: connection)
        // libpq keeps no SQLSTATE of a refused connection; `FATAL:` shows that a server spoke.
        guard text.contains("FATAL:") else {
            return .unreachable(server: target.server, message: text)
        }
        let starting = ["starting up", "shutting down", "recovery mode", "not yet accepting"]
        return .refused(
            server: target.server,
            sqlState: starting.contains { text.contains($0) } ? "57P03" : nil,
            message: text
        )
    }

    private func run(
        _ sql: String,
        _ values: [String?],
        within limit: Duration,
        _ wake: WakeDescriptor
    ) throws(PostgresError) -> [Row] {
        if wake.woken { throw .cancelled }
        guard let handle else {
            throw .unreachable(server: target.server, message: "the connection is closed")
        }
        let connection = handle.pointer
        let sent: Int32
        if values.isEmpty {
            sent = PQsendQuery(connection, sql)
        } else {
            let texts = values.map { $0.map { strdup($0) } ?? nil }
            defer { for text in texts { free(text) } }
            sent = PQsendQueryParams(
                connection,
                sql,
                Int32(values.count),
                nil,
                texts.map { UnsafePointer($0) },
                nil,
                nil,
                0
            )
        }
        guard sent == 1 else { throw broken(connection) }
        let deadline = ContinuousClock.now + limit
        var rows: [Row] = []
        var failure: PostgresError?
        while let result = try nextResult(of: handle, sql, until: deadline, limit, wake) {
            defer { PQclear(result) }
            switch PQresultStatus(result) {
            case PGRES_TUPLES_OK: rows = read(result)
            case PGRES_COMMAND_OK, PGRES_EMPTY_QUERY: break
            default: failure = failure ?? self.failure(of: result, sql)
            }
        }
        if PQstatus(connection) == CONNECTION_BAD { self.handle = nil }
        if let failure { throw failure }
        return rows
    }

    private func nextResult(
        of handle: Handle,
        _ sql: String,
        until deadline: ContinuousClock.Instant,
        _ limit: Duration,
        _ wake: WakeDescriptor
    ) throws(PostgresError) -> OpaquePointer? {
        while PQflush(handle.pointer) == 1 {
            try wait(on: handle, for: POLLOUT, until: deadline, limit, wake, doing: sql)
        }
        while PQisBusy(handle.pointer) == 1 {
            try wait(on: handle, for: POLLIN, until: deadline, limit, wake, doing: sql)
            guard PQconsumeInput(handle.pointer) == 1 else { throw broken(handle.pointer) }
        }
        return PQgetResult(handle.pointer)
    }

    private func startAndLeave(
        _ command: String,
        within limit: Duration,
        _ wake: WakeDescriptor
    ) throws(PostgresError) {
        guard let handle else {
            throw .unreachable(server: target.server, message: "the connection is closed")
        }
        defer { self.handle = nil }
        guard PQsendQuery(handle.pointer, command) == 1 else { throw broken(handle.pointer) }
        let deadline = ContinuousClock.now + limit
        guard let first = try nextResult(of: handle, command, until: deadline, limit, wake) else {
            return
        }
        defer { PQclear(first) }
        guard PQresultStatus(first) == PGRES_COPY_BOTH else {
            // The requested timeline may have ended exactly there: an answer, not a refusal.
            if PQresultStatus(first) == PGRES_TUPLES_OK { return }
            throw failure(of: first, command)
        }
        while true {
            var piece: UnsafeMutablePointer<CChar>?
            let length = PQgetCopyData(handle.pointer, &piece, 1)
            if let piece { PQfreemem(piece) }
            switch length {
            case 0:
                do throws(PostgresError) {
                    try wait(on: handle, for: POLLIN, until: deadline, limit, wake, doing: command)
                } catch .timedOut {
                    return
                }
                guard PQconsumeInput(handle.pointer) == 1 else { throw broken(handle.pointer) }
            case -1:
                guard let end = PQgetResult(handle.pointer) else { return }
                defer { PQclear(end) }
                if PQresultStatus(end) == PGRES_FATAL_ERROR { throw failure(of: end, command) }
                return
            case -2: throw broken(handle.pointer)
            default: return
            }
        }
    }

    private func awaitEnd(_ wake: WakeDescriptor) throws(PostgresError) {
        guard let handle else { return }
        while true {
            let deadline = ContinuousClock.now + .seconds(3600)
            do throws(PostgresError) {
                try wait(
                    on: handle,
                    for: POLLIN,
                    until: deadline,
                    .seconds(3600),
                    wake,
                    doing: "wait"
                )
            } catch .timedOut {
                continue
            }
            guard PQconsumeInput(handle.pointer) == 1, PQstatus(handle.pointer) == CONNECTION_OK
            else { throw broken(handle.pointer) }
        }
    }

    private func wait(
        on handle: Handle,
        for events: Int32,
        until deadline: ContinuousClock.Instant,
        _ limit: Duration,
        _ wake: WakeDescriptor,
        doing statement: String
    ) throws(PostgresError) {
        var descriptors = [
            pollfd(fd: PQsocket(handle.pointer), events: Int16(events), revents: 0),
            pollfd(fd: wake.descriptor, events: Int16(POLLIN), revents: 0),
        ]
        let left = deadline - ContinuousClock.now
        let milliseconds =
            left.components.seconds * 1000 + left.components.attoseconds / 1_000_000_000_000_000
        let ready = poll(&descriptors, 2, Int32(clamping: max(0, milliseconds) + 1))
        if descriptors[1].revents != 0 {
            self.handle = nil
            throw .cancelled
        }
        if ready > 0 || (ready < 0 && errno == EINTR) { return }
        if ContinuousClock.now >= deadline {
            self.handle = nil
            throw .timedOut(server: target.server, statement: statement, after: limit)
        }
    }

    private func broken(_ connection: OpaquePointer) -> PostgresError {
        let text = message(of: connection)
        handle = nil
        return .unreachable(server: target.server, message: text)
    }

    private func failure(of result: OpaquePointer, _ sql: String) -> PostgresError {
        guard let state = PQresultErrorField(result, Int32(UInt8(ascii: "C"))) else {
            let text = String(cString: PQresultErrorMessage(result))
            return .unreachable(server: target.server, message: text)
        }
        let primary = PQresultErrorField(result, Int32(UInt8(ascii: "M")))
        return .statementFailed(
            server: target.server,
            statement: sql,
            sqlState: String(cString: state),
            message: primary.map { String(cString: $0) } ?? ""
        )
    }

    private func message(of connection: OpaquePointer) -> String {
        var text = PQerrorMessage(connection).map { String(cString: $0) } ?? ""
        while let last = text.last, last.isNewline { text.removeLast() }
        return text
    }

    private func read(_ result: OpaquePointer) -> [Row] {
        (0..<PQntuples(result)).map { row in
            (0..<PQnfields(result)).map { column in
                if PQgetisnull(result, row, column) == 1 { return nil }
                return String(cString: PQgetvalue(result, row, column))
            }
        }
    }
}

/// Owns a libpq connection: its end closes it.
private final class Handle {
    let pointer: OpaquePointer

    init(_ pointer: OpaquePointer) {
        self.pointer = pointer
    }

    deinit {
        PQfinish(pointer)
    }
}
