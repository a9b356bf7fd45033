/// What happened in a story, and when.
package struct StoryTimeline: Equatable, Sendable {
    /// One line of the table.
    package struct Entry: Equatable, Sendable {
        /// Since the story began.
        package var offset: Duration
        /// In the past tense, for people.
        package var text: String
    }

    /// In order of time.
    package private(set) var entries: [Entry] = []

    /// A timeline without entries.
    package init() {}

    /// Adds what happened `offset` after the beginning.
    package mutating func add(_ text: String, at offset: Duration) {
        entries.append(Entry(offset: offset, text: text))
    }

    /// One line per entry: seconds since the beginning, since the entry before, and what happened.
    package var table: String {
        var previous = Duration.zero
        var lines = ["   time      step  what happened"]
        for entry in entries {
            let time = Self.seconds(entry.offset)
            let step = Self.seconds(entry.offset - previous)
            previous = entry.offset
            lines.append("\(Self.padded(time, 7)) \(Self.padded("+" + step, 9))  \(entry.text)")
        }
        return lines.joined(separator: "\n")
    }

    /// Seconds with three decimals, for example `12.034`.
    static func seconds(_ duration: Duration) -> String {
        let milliseconds = duration.milliseconds
        let fraction = String(1000 + abs(milliseconds) % 1000).dropFirst()
        return "\(milliseconds < 0 ? "-" : "")\(abs(milliseconds) / 1000).\(fraction)"
    }

    private static func padded(_ text: String, _ width: Int) -> String {
        String(repeating: " ", count: max(0, width - text.count)) + text
    }
}

extension Duration {
    /// Whole milliseconds, rounded to the nearest.
    package var milliseconds: Int {
        let (seconds, attoseconds) = components
        let half: Int64 = attoseconds < 0 ? -500_000_000_000_000 : 500_000_000_000_000
        return Int(seconds) * 1000 + Int((attoseconds + half) / 1_000_000_000_000_000)
    }
}
