/// What went wrong in talking to a server.
package enum PostgresError: Error, Equatable, Sendable, CustomStringConvertible {
    /// No connection came about, or it broke; what libpq said.
    case unreachable(server: String, message: String)
    /// The server refused the connection: its SQLSTATE (nil if it gave none) and message.
    case refused(server: String, sqlState: String?, message: String)
    /// The server refused a statement: the SQLSTATE and message.
    case statementFailed(server: String, statement: String, sqlState: String, message: String)
    /// The server took longer than the caller would wait; the connection is closed.
    case timedOut(server: String, statement: String, after: Duration)
    /// The caller's task was cancelled; the connection is closed.
    case cancelled
    /// The answer is not what the protocol or the catalogue promises.
    case unexpectedAnswer(server: String, statement: String, seen: String)

    /// The five characters by which the server classifies the error; nil if it said nothing.
    package var sqlState: String? {
        switch self {
        case .refused(_, let sqlState, _): sqlState
        case .statementFailed(_, _, let sqlState, _): sqlState
        case .unreachable, .timedOut, .cancelled, .unexpectedAnswer: nil
        }
    }

    /// What was attempted, on what, and what was seen.
    package var description: String {
        switch self {
        case .unreachable(let server, let message):
            "cannot reach \(server): \(message)"
        case .refused(let server, let sqlState, let message):
            "\(server) refused the connection (\(sqlState ?? "no SQLSTATE")): \(message)"
        case .statementFailed(let server, let statement, let sqlState, let message):
            "\(server) refused `\(statement.withoutPassword)` (\(sqlState)): \(message)"
        case .timedOut(let server, let statement, let duration):
            "\(server) did not answer `\(statement.withoutPassword)` within \(duration)"
        case .cancelled:
            "cancelled"
        case .unexpectedAnswer(let server, let statement, let seen):
            "\(server) answered `\(statement.withoutPassword)` with \(seen)"
        }
    }
}

extension String {
    /// The statement without the password or verifier that it sets, for messages.
    fileprivate var withoutPassword: String {
        firstRange(of: "PASSWORD '").map { self[..<$0.upperBound] + "...'" } ?? self
    }
}
