import Foundation

/// By which way a peer came back, as its sitter's log tells.
enum RejoinLog {
    private struct Line: Decodable {
        var msg: String
        var way: String?
    }

    /// The last way that the sitter took, in its words; following needs none and is not logged.
    ///
    /// - Parameter text: the log since the sitter began, a JSON object in each line.
    /// - Returns: the way as it was logged, or `follow`.
    static func way(in text: String) -> String {
        let lines = text.split(separator: "\n").compactMap { line in
            // Whatever else stands in the log has no such fields.
            try? JSONDecoder().decode(Line.self, from: Data(line.utf8))
        }
        return lines.last { $0.msg == "rejoining" }?.way ?? "follow"
    }
}
