import ManateeCore
import ManateeWire

/// Reads what a sitter answers to `GET /state`.
enum SitterWord {
    /// The report in an HTTP response; nil if it is none.
    static func report(in response: [UInt8]) -> ServerReport? {
        let separator = Array("\r\n\r\n".utf8)
        guard response.starts(with: Array("HTTP/1.1 200".utf8)),
            let end = response.indices.first(where: { response[$0...].starts(with: separator) })
        else { return nil }
        return report(of: Array(response[(end + separator.count)...]))
    }

    /// The report in a body; nil if it is no JSON.
    static func report(of body: [UInt8]) -> ServerReport? {
        // Whatever is wrong with it, its sitter has said nothing.
        guard let word = try? JSONText.parse(body, document: "a sitter's state"),
            case .object(let fields) = word
        else { return nil }
        return ServerReport(
            admission: admission(fields),
            position: fields["postgres"]?["position"]?.text.flatMap { LSN($0)?.bytes }
        )
    }

    private static func admission(_ fields: [String: JSONValue]) -> ServerReport.Admission {
        guard let writesOpen = fields["writesOpen"], let postgres = fields["postgres"] else {
            return .untold
        }
        guard postgres["gateOpen"] == .boolean(true) else { return .gated }
        guard case .integer(let generation) = writesOpen else { return .unready }
        return .open(generation: Int(generation))
    }
}
