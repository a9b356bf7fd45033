/// Finds the key that somebody meant.
enum KeySuggestion {
    /// The key of `known` that is nearest to `path`; nil if none is near.
    static func nearest(to path: String, among known: some Sequence<String>) -> String? {
        let name = lastPart(path)
        return known.map { ($0, distance(name, of: path, to: $0)) }
            .filter { $0.1 <= max(2, name.count / 3) }
            .min { ($0.1, $0.0) < ($1.1, $1.0) }?.0
    }

    private static func distance(_ name: String, of path: String, to known: String) -> Int {
        let knownName = lastPart(known)
        let elsewhere = path.dropLast(name.count) == known.dropLast(knownName.count) ? 0 : 1
        let (left, right) = (name.lowercased(), knownName.lowercased())
        // An abbreviation is a near miss, however much it leaves out.
        if left.count >= 3, right.hasPrefix(left) { return 1 + elsewhere }
        return edits(left, right) + elsewhere
    }

    private static func lastPart(_ path: String) -> String {
        path.split(separator: ".").last.map(String.init) ?? path
    }

    /// The number of single-character edits that lead from `left` to `right`.
    private static func edits(_ left: String, _ right: String) -> Int {
        let right = Array(right)
        var row = Array(0...right.count)
        for (index, character) in left.enumerated() {
            var diagonal = row[0]
            row[0] = index + 1
            for column in right.indices {
                let replaced = diagonal + (character == right[column] ? 0 : 1)
                diagonal = row[column + 1]
                row[column + 1] = min(replaced, diagonal + 1, row[column] + 1)
            }
        }
        return row[right.count]
    }
}
