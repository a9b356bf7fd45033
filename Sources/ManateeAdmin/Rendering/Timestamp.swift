import FoundationEssentials

/// A moment of the calendar, written as ISO 8601 in UTC with milliseconds.
package struct Timestamp: Equatable, Sendable {
    /// Milliseconds since 1970.
    package var milliseconds: Int64

    /// The moment that many milliseconds after the beginning of 1970.
    package init(milliseconds: Int64) {
        self.milliseconds = milliseconds
    }

    /// The moment as text, for example `2015-03-18T18:40:11.095Z`.
    package var text: String {
        // Foundation counts in doubles and cuts, which loses a millisecond every other time.
        let rest = (milliseconds % 1000 + 1000) % 1000
        let seconds = (milliseconds - rest) / 1000
        let date = Date(timeIntervalSince1970: Double(seconds)).formatted(.iso8601)
        return date.dropLast() + "." + String(String(1000 + rest).dropFirst()) + "Z"
    }
}
