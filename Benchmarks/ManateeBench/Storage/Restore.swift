import Foundation

/// What a sitter tells at `/restore` about its last copy.
struct Restore: Decodable, Sendable {
    /// `whole`, `difference` or `baseBackup`.
    var method: String
    /// The peer that gave it, by its id.
    var source: String

    private struct Answer: Decodable {
        var restore: Restore?
    }

    /// Asks the sitter's status server at this port of the local host.
    ///
    /// - Returns: nil if nothing was copied since the sitter began.
    /// - Throws: ``BenchFailure`` if it does not answer with that.
    static func ofSitter(at port: Int) throws -> Restore? {
        let request = "GET /restore HTTP/1.0\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n"
        let text = try TextQuery.ask("127.0.0.1", port, request)
        guard let body = text.range(of: "\r\n\r\n").map({ text[$0.upperBound...] }),
            let open = body.firstIndex(of: "{"), let close = body.lastIndex(of: "}")
        else { throw BenchFailure("the sitter at port \(port) answered /restore with: \(text)") }
        return try JSONDecoder().decode(Answer.self, from: Data(body[open...close].utf8)).restore
    }
}
