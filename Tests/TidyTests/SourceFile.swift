/// A Swift file, split into what the compiler reads and what people read.
///
/// The split knows line and block comments and string literals, plain, raw and of many lines. What
/// stands in a string counts as neither code nor comment; interpolated code is not looked into.
struct SourceFile: Sendable {
    struct Line: Equatable, Sendable {
        var code = ""
        var comment = ""
    }

    /// Relative to the root of the project.
    let path: String
    /// Whether it belongs to the product or its benchmarks, and not to the tests.
    let isSource: Bool
    /// The target it belongs to: the folder below `Sources`, `Benchmarks` or `Tests`.
    let target: String
    let lines: [Line]

    init(path: String, text: String) {
        self.path = path
        isSource = path.hasPrefix("Sources/") || path.hasPrefix("Benchmarks/")
        let parts = path.split(separator: "/")
        target = parts.count > 2 ? String(parts[1]) : ""
        var splitter = Splitter(text: Array(text))
        lines = splitter.split()
    }
}

/// Walks over a text once and sorts its characters.
private struct Splitter {
    private enum Place {
        case code
        case lineComment
        case blockComment(depth: Int)
        case string(hashes: Int, quotes: Int)
    }

    let text: [Character]
    private var place = Place.code
    private var lines: [SourceFile.Line] = []
    private var line = SourceFile.Line()

    init(text: [Character]) {
        self.text = text
    }

    mutating func split() -> [SourceFile.Line] {
        var index = 0
        while index < text.count {
            if text[index].isNewline {
                endLine()
                index += 1
            } else {
                index += take(at: index)
            }
        }
        if line != SourceFile.Line() { endLine() }
        return lines
    }

    private mutating func endLine() {
        lines.append(line)
        line = SourceFile.Line()
        switch place {
        case .lineComment, .string(_, quotes: 1): place = .code
        case .code, .blockComment, .string: break
        }
    }

    /// Takes what begins at `index` and returns how many characters it was.
    private mutating func take(at index: Int) -> Int {
        switch place {
        case .code:
            return takeCode(at: index)
        case .lineComment:
            line.comment.append(text[index])
            return 1
        case .blockComment(let depth):
            if begins("*/", at: index) {
                place = depth == 1 ? .code : .blockComment(depth: depth - 1)
                return 2
            }
            if begins("/*", at: index) {
                place = .blockComment(depth: depth + 1)
                return 2
            }
            line.comment.append(text[index])
            return 1
        case .string(let hashes, let quotes):
            if text[index] == "\\", hashes == 0 { return min(2, text.count - index) }
            let end = String(repeating: "\"", count: quotes) + String(repeating: "#", count: hashes)
            guard begins(end, at: index) else { return 1 }
            place = .code
            line.code.append("\"")
            return end.count
        }
    }

    private mutating func takeCode(at index: Int) -> Int {
        if begins("//", at: index) {
            place = .lineComment
            line.comment.append("//")
            return 2
        }
        if begins("/*", at: index) {
            place = .blockComment(depth: 1)
            return 2
        }
        let hashes = text[index...].prefix { $0 == "#" }.count
        if begins("\"", at: index + hashes) {
            let quotes = begins("\"\"\"", at: index + hashes) ? 3 : 1
            place = .string(hashes: hashes, quotes: quotes)
            line.code.append("\"")
            return hashes + quotes
        }
        line.code.append(text[index])
        return 1
    }

    private func begins(_ wanted: String, at index: Int) -> Bool {
        let wanted = Array(wanted)
        return index + wanted.count <= text.count
            && text[index..<index + wanted.count].elementsEqual(wanted)
    }
}
