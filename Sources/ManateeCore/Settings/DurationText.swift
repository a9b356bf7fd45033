/// Durations as configuration files write them: a number and `ms`, `s`, `m` or `h`.
package enum DurationText {
    private static let units: [(name: String, milliseconds: Int64)] = [
        ("ms", 1), ("h", 3_600_000), ("m", 60_000), ("s", 1000),
    ]

    /// Reads for example `250ms`, `1.5s`, `10m`; nil if it is anything else, a bare number included.
    package static func parse(_ text: String) -> Duration? {
        guard let unit = units.first(where: { text.hasSuffix($0.name) }) else { return nil }
        let number = text.dropLast(unit.name.count)
        let trimmed = number.hasSuffix(" ") ? number.dropLast() : number
        guard trimmed.first?.isASCII == true, trimmed.first?.isNumber == true,
            trimmed.allSatisfy({ $0.isASCII && ($0.isNumber || $0 == ".") }),
            let value = Double(trimmed)
        else { return nil }
        let milliseconds = (value * Double(unit.milliseconds)).rounded()
        guard milliseconds <= 1e15 else { return nil }
        return .milliseconds(Int64(milliseconds))
    }

    /// Writes a duration of whole milliseconds in the largest unit that needs no fraction.
    package static func text(_ duration: Duration) -> String {
        let (seconds, attoseconds) = duration.components
        let milliseconds = seconds * 1000 + attoseconds / 1_000_000_000_000_000
        guard milliseconds != 0 else { return "0s" }
        let unit = units.filter { milliseconds % $0.milliseconds == 0 }
            .max { $0.milliseconds < $1.milliseconds }
        guard let unit else { return "\(milliseconds)ms" }
        return "\(milliseconds / unit.milliseconds)\(unit.name)"
    }
}
