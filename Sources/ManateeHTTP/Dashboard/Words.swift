import ManateeCore

/// Numbers as people read them.
enum Words {
    /// For example `0 B`, `16.4 kB` or `1.2 GB`.
    static func bytes(_ bytes: UInt64) -> String {
        guard bytes >= 1024 else { return "\(bytes) B" }
        var value = Double(bytes) / 1024
        var unit = "kB"
        for next in ["MB", "GB", "TB", "PB"] where value >= 1024 {
            value /= 1024
            unit = next
        }
        return "\(oneDecimal(value)) \(unit)"
    }

    /// For example `0 ms`, `85 ms`, `2.1 s` or `3 min`.
    static func duration(_ duration: Duration) -> String {
        let milliseconds = duration / .milliseconds(1)
        if milliseconds < 1000 { return "\(Int(milliseconds.rounded())) ms" }
        if milliseconds < 60_000 { return "\(oneDecimal(milliseconds / 1000)) s" }
        if milliseconds < 7_200_000 { return "\(Int(milliseconds / 60_000)) min" }
        return "\(Int(milliseconds / 3_600_000)) h"
    }

    private static func oneDecimal(_ value: Double) -> String {
        let tenths = Int((value * 10).rounded())
        return tenths % 10 == 0 ? "\(tenths / 10)" : "\(tenths / 10).\(tenths % 10)"
    }

    /// A time as a reader sees it, with the machine's form beside it.
    static func time(_ time: WallTime) -> HTML {
        let text = time.description
        // `2026-03-01T12:00:00.000Z`: the day, and the time to the second.
        let shown = text.prefix(10) + " " + text.dropFirst(11).prefix(8)
        return "<time datetime=\"\(text)\">\(String(shown))</time>"
    }
}
