/// Diagrams as text, and their places in a document.
struct GeneratedDiagrams {
    var observed: ObservedMoves
    var documented: DocumentedStates

    private static let begin = "<!-- drawn from the code: "
    private static let end = "<!-- end of what is drawn -->"

    /// The document with each diagram drawn anew between its marks.
    func inserted(into document: String) -> String {
        var lines: [Substring] = []
        var isDrawn = false
        for line in document.split(separator: "\n", omittingEmptySubsequences: false) {
            if line == Self.end { isDrawn = false }
            if !isDrawn { lines.append(line) }
            if line.hasPrefix(Self.begin) {
                let type = line.dropFirst(Self.begin.count).prefix { $0.isLetter }
                lines += diagram(of: String(type)).map { Substring($0) }
                isDrawn = true
            }
        }
        return lines.joined(separator: "\n")
    }

    /// The moves of one type, in the order in which the source lists its states.
    private func diagram(of type: String) -> [String] {
        let order = (documented.states[type] ?? []).map(\.name)
        func place(_ name: String) -> Int { order.firstIndex(of: name) ?? order.count }
        let moves = (observed.moves[type] ?? [:]).sorted {
            (place($0.key.from), place($0.key.to)) < (place($1.key.from), place($1.key.to))
        }
        let arrows = moves.map { move, words in
            "    \(move.from) --> \(move.to): \(EventWords.label(words))"
        }
        return ["```mermaid", "stateDiagram-v2"] + arrows + ["```"]
    }
}
