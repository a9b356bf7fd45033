import ManateeCore

/// Amounts of room as configuration files write them: `10%`, `512MB`, `2GB`.
enum SpaceText {
    private static let units: [(name: String, bytes: Int64)] = [
        ("kB", 1 << 10), ("MB", 1 << 20), ("GB", 1 << 30), ("TB", 1 << 40),
    ]

    /// Reads an amount; nil if it is anything else, a bare number included.
    static func parse(_ text: String) -> SpaceAmount? {
        let digits = text.prefix { $0.isASCII && $0.isNumber }
        guard let number = Int64(digits), number < 1_000_000_000 else { return nil }
        let unit = text.dropFirst(digits.count)
        if unit == "%" { return number <= 100 ? .percent(Int(number)) : nil }
        guard let size = units.first(where: { $0.name == unit })?.bytes else { return nil }
        let (bytes, overflow) = number.multipliedReportingOverflow(by: size)
        return overflow ? nil : .bytes(bytes)
    }

    /// Writes an amount of whole kilobytes in the largest unit that needs no fraction.
    static func text(_ amount: SpaceAmount) -> String {
        switch amount {
        case .percent(let percent): return "\(percent)%"
        case .bytes(0): return "0kB"
        case .bytes(let bytes):
            let unit = units.last { bytes % $0.bytes == 0 } ?? ("kB", 1 << 10)
            return "\(bytes / unit.bytes)\(unit.name)"
        }
    }
}
