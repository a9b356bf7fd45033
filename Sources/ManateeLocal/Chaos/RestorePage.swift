import Foundation

/// What a sitter's `/restore` shows of a copy.
struct RestorePage: Equatable, Sendable {
    /// Tells one attempt from the next.
    var uuid: String
    /// The id of the peer that it comes from.
    var source: String
    /// `whole`, `difference` or `baseBackup`.
    var method: String
    /// About how many bytes there will be; nil if that is not known.
    var size: Int64?
    /// How many bytes came.
    var completed: Int64
    /// Whether all of it came; nil while it goes on.
    var outcome: Bool?

    /// How much of it came, 0 to 1; nil if nobody knows how much there is.
    var fraction: Double? { size.flatMap { $0 > 0 ? Double(completed) / Double($0) : nil } }

    /// Asks the status server at `port` of this machine; nil if it does not answer or there is no copy.
    static func read(port: Int) async -> RestorePage? {
        let question = "GET /restore HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n"
        return await LoopbackQuestion.ask(question, port: port).flatMap(parse)
    }

    /// Reads a whole answer, head and body.
    static func parse(_ answer: String) -> RestorePage? {
        guard let open = answer.firstIndex(of: "{"), let close = answer.lastIndex(of: "}") else {
            return nil
        }
        let body = Data(answer[open...close].utf8)
        // What cannot be read says as little as no answer.
        guard let object = try? JSONSerialization.jsonObject(with: body) as? [String: Any],
            let fields = object["restore"] as? [String: Any],
            let uuid = fields["uuid"] as? String, let source = fields["source"] as? String,
            let method = fields["method"] as? String
        else { return nil }
        let outcome: Bool? = fields["done"] as? String == "failed" ? false : fields["done"] as? Bool
        return RestorePage(
            uuid: uuid,
            source: source,
            method: method,
            size: (fields["size"] as? String).flatMap { Int64($0) },
            completed: (fields["completed"] as? String).flatMap { Int64($0) } ?? 0,
            outcome: outcome == false && fields["done"] as? String == nil ? nil : outcome
        )
    }
}
