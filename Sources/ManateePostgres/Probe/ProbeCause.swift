/// Why a peer's postgres did not answer, short enough for a line of a report.
package struct ProbeCause: Equatable, Sendable {
    /// An errno's name where the network said no; otherwise what the server or libpq said.
    package let text: String

    /// The texts of the C library, which libpq repeats.
    private static let errnos = [
        ("Connection refused", "ECONNREFUSED"),
        ("No route to host", "EHOSTUNREACH"),
        ("Network is unreachable", "ENETUNREACH"),
        ("Connection reset by peer", "ECONNRESET"),
        ("Connection timed out", "ETIMEDOUT"),
    ]

    /// The cause that `error` tells of.
    package init(_ error: PostgresError) {
        switch error {
        case .unreachable(_, let message):
            text = Self.network(message)
        case .refused(_, _, let message):
            // libpq adds where the password came from, which may be a name of this process only.
            text = String(Self.behind("FATAL:", in: message).prefix { !$0.isNewline })
        case .statementFailed(_, _, _, let message):
            text = message
        case .timedOut:
            text = "postgres request timed out"
        case .cancelled:
            text = "cancelled"
        case .unexpectedAnswer(_, let statement, let seen):
            text = "answered `\(statement)` with \(seen)"
        }
    }

    private static func network(_ message: String) -> String {
        if let known = errnos.first(where: { message.contains($0.0) }) { return known.1 }
        if message.contains("no password supplied") {
            return "no password for \(Secrets.monitor); put it in a passfile (PGPASSFILE or "
                + "~/.pgpass), or name the sitter's configuration with --config"
        }
        return behind("failed:", in: message)
    }

    private static func behind(_ mark: String, in message: String) -> String {
        guard let range = message.firstRange(of: mark) else { return message }
        return String(message[range.upperBound...].drop { $0.isWhitespace })
    }
}
