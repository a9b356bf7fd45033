import ManateeCore

/// A file of the log, as its name tells.
struct WALSegment: Equatable, Sendable {
    /// Its name: 24 hexadecimal digits.
    var name: String
    /// The timeline on which it was written.
    var timeline: TimelineID
    /// The position with which it begins.
    var start: LSN

    /// Reads a file's name; nil if it is not that of a segment.
    init?(_ name: String, segmentSize: UInt64) {
        guard name.utf8.count == 24, name.allSatisfy(\.isHexDigit),
            let timeline = UInt32(name.prefix(8), radix: 16),
            let high = UInt64(name.dropFirst(8).prefix(8), radix: 16),
            let low = UInt64(name.suffix(8), radix: 16)
        else { return nil }
        self.name = name
        self.timeline = TimelineID(timeline)
        start = LSN((high << 32) + low * segmentSize)
    }

    /// The name of the file that tells how `timeline` came about.
    static func historyName(of timeline: TimelineID) -> String {
        let digits = String(timeline.number, radix: 16, uppercase: true)
        return String(repeating: "0", count: 8 - digits.count) + digits + ".history"
    }
}
