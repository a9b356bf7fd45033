/// A position in PostgreSQL's write-ahead log, in bytes since its beginning.
///
/// Positions of different timelines are comparable as numbers only; `TimelineHistory` tells
/// whether one copy of the log contains a position of another.
package struct LSN: Hashable, Comparable, Sendable, CustomStringConvertible {
    /// Bytes since the beginning of the log.
    package var bytes: UInt64

    /// The beginning of the log, `0/0`.
    package static let zero = LSN(0)

    /// The position `bytes` after the beginning of the log.
    package init(_ bytes: UInt64) {
        self.bytes = bytes
    }

    /// Reads `HEX/HEX`, as PostgreSQL prints it; padding zeros are allowed, anything else is not.
    ///
    /// - Parameter text: for example `16/B374D848` or `0/00000000`.
    package init?(_ text: some StringProtocol) {
        let halves = text.split(separator: "/", omittingEmptySubsequences: false)
        guard halves.count == 2,
            let high = LSN.half(halves[0]),
            let low = LSN.half(halves[1])
        else { return nil }
        bytes = UInt64(high) << 32 | UInt64(low)
    }

    private static func half(_ text: some StringProtocol) -> UInt32? {
        guard text.allSatisfy(\.isHexDigit) else { return nil }
        return UInt32(text, radix: 16)
    }

    /// The number of bytes by which this position is ahead of `other`; zero if it is not.
    package func ahead(of other: LSN) -> UInt64 {
        bytes > other.bytes ? bytes - other.bytes : 0
    }

    /// Orders positions by their distance from the beginning of the log.
    package static func < (left: LSN, right: LSN) -> Bool {
        left.bytes < right.bytes
    }

    /// The position as PostgreSQL prints it, for example `16/B374D848`.
    package var description: String {
        let high = String(bytes >> 32, radix: 16, uppercase: true)
        let low = String(bytes & 0xFFFF_FFFF, radix: 16, uppercase: true)
        return "\(high)/\(low)"
    }
}
