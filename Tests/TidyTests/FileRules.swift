import Foundation

/// Rules about a file as a whole and about what people read in it.
enum FileRules {
    /// Longer than this, and a file must be split.
    static let longestFile = 700
    /// Longer than this, and a file is named in the output of the tests.
    static let longFile = 400

    static func length(of file: SourceFile) -> [Finding] {
        guard file.lines.count > longestFile else { return [] }
        return [
            Finding(
                path: file.path,
                line: longestFile + 1,
                problem: "\(file.lines.count) lines, more than \(longestFile)",
                instead: "one file per noun"
            )
        ]
    }

    /// Declarations for other targets that nobody explained.
    ///
    /// Members that only satisfy a well-known protocol of the standard library need no words.
    static func undocumented(in file: SourceFile) throws -> [Finding] {
        guard file.isSource else { return [] }
        let declaration = try NSRegularExpression(
            pattern: #"^\s*(@\w+(\([^)]*\))?\s+)*(package|public)\s+(?!import\b)(?!extension\b)"#
        )
        let witness = try NSRegularExpression(
            pattern:
                #"(var (description|debugDescription|errorDescription)\b|func (==|<|hash|encode|next|makeAsyncIterator)\b|func (==|<) ?\(|init\(from decoder|deinit)"#
        )
        return file.lines.indices.compactMap { index in
            let code = file.lines[index].code
            let whole = NSRange(code.startIndex..., in: code)
            guard declaration.firstMatch(in: code, range: whole) != nil,
                witness.firstMatch(in: code, range: whole) == nil,
                !isDocumented(file, at: index)
            else { return nil }
            return Finding(
                path: file.path,
                line: index + 1,
                problem: "'\(code.drop { $0 == " " })' is undocumented",
                instead: "a doc comment: summary, units, range, default, errors"
            )
        }
    }

    private static func isDocumented(_ file: SourceFile, at index: Int) -> Bool {
        var above = index - 1
        while above >= 0 {
            let line = file.lines[above]
            if line.comment.hasPrefix("///") { return true }
            let code = line.code.drop { $0 == " " }
            guard code.hasPrefix("@") || code.hasPrefix("#if") else { return false }
            above -= 1
        }
        return false
    }

    /// Marks of unfinished work.
    static func leftovers(in file: SourceFile) -> [Finding] {
        let marks = ["TO" + "DO", "FIX" + "ME", "HA" + "CK"]
        return words(marks, in: file.path, lines: file.lines.map(\.comment)).map {
            var finding = $0
            finding.instead = "do it, or open an issue and leave the code clean"
            return finding
        }
    }

    /// Words that only mean something on the machine where they were written.
    static func workplaceWords(path: String, text: String) -> [Finding] {
        let banned = ["/wo" + "rk/", "/ho" + "me/", "/Us" + "ers/"]
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        return words(banned, in: path, lines: lines).map {
            var finding = $0
            finding.instead = "a path relative to the project, or one that the user passes in"
            return finding
        }
    }

    private static func words(_ words: [String], in path: String, lines: [String]) -> [Finding] {
        lines.enumerated().flatMap { index, line in
            words.filter { line.contains($0) }.map { word in
                Finding(
                    path: path,
                    line: index + 1,
                    problem: "'\(word)' has no place here",
                    instead: ""
                )
            }
        }
    }
}
