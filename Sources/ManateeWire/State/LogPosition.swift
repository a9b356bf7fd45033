import ManateeCore

/// A position in the log as the original reads and writes it.
enum LogPosition {
    /// Reads `HEX/HEX` as leniently as the original.
    ///
    /// Each half may have white space and `0x` before it, and anything behind its digits. Nil if a
    /// half has no digits or more than 32 bits.
    static func lsn(_ text: String) -> LSN? {
        let halves = text.split(separator: "/", omittingEmptySubsequences: false)
        guard halves.count == 2, let high = half(halves[0]), let low = half(halves[1]) else {
            return nil
        }
        return LSN(UInt64(high) << 32 | UInt64(low))
    }

    private static func half(_ text: Substring) -> UInt32? {
        var rest = text.drop { $0.isWhitespace }
        if rest.hasPrefix("+") { rest.removeFirst() }
        if rest.hasPrefix("0x") || rest.hasPrefix("0X") { rest.removeFirst(2) }
        return UInt32(rest.prefix { $0.isASCII && $0.isHexDigit }, radix: 16)
    }

    /// As PostgreSQL prints it; the beginning of the log as the original's first state has it.
    static func text(_ lsn: LSN) -> String { lsn == .zero ? "0/00000000" : lsn.description }
}
