import Foundation

/// The states of the machine as its source documents them: in order, each with the states that may follow.
struct DocumentedStates {
    struct State {
        var name: String
        /// What the comment lists; nil if it lists nothing.
        var successors: Set<String>?
    }

    /// By the name of the type.
    private(set) var states: [String: [State]] = [:]

    /// Reads all of `ManateeCore/Peer`.
    init(directory: URL) throws {
        let names = try FileManager.default.contentsOfDirectory(atPath: directory.path)
        for name in names.sorted() where name.hasSuffix(".swift") {
            let url = directory.appending(path: name)
            read(try String(contentsOf: url, encoding: .utf8))
        }
    }

    private mutating func read(_ source: String) {
        var type: String?
        var comment = ""
        for line in source.split(separator: "\n", omittingEmptySubsequences: false) {
            let code = line.drop { $0 == " " }
            if code.hasPrefix("///") {
                comment += code.dropFirst(3)
                continue
            }
            let words = code.split { !$0.isLetter && !$0.isNumber }
            if let place = words.firstIndex(of: "enum"), place + 1 < words.count {
                type = String(words[place + 1])
            } else if let type, code.hasPrefix("case "), !code.hasSuffix(":"), words.count > 1,
                !code.hasPrefix("case .")
            {
                let successors = Self.successors(in: comment)
                states[type, default: []].append(
                    State(name: String(words[1]), successors: successors)
                )
            }
            comment = ""
        }
    }

    /// The names in backticks after `Valid transitions:`, up to the end of the sentence.
    private static func successors(in comment: String) -> Set<String>? {
        guard let range = comment.range(of: "Valid transitions:") else { return nil }
        let names = comment[range.upperBound...].split(separator: "`").filter { $0.hasPrefix(".") }
        return Set(names.map { String($0.dropFirst()) }.filter { !$0.isEmpty && !$0.contains(" ") })
    }
}
