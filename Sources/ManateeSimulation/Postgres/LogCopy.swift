import ManateeCore

/// One record of a write-ahead log.
package struct LogRecord: Hashable, Sendable {
    /// Differs from every other record that was ever written anywhere in the world.
    package var identity: UInt32
    /// The timeline on which it was written.
    package var timeline: UInt32
    /// The client write that it commits; 0 if it commits none.
    package var commit: UInt32
}

/// One peer's copy of the log.
///
/// Two copies agree up to a position exactly if their records before it are the same one: a record
/// is only ever written behind those that its copy holds. That is the truth against which checkers
/// compare what timelines and positions made the machines believe.
package struct LogCopy: Hashable, Sendable {
    /// Bytes per record, so that positions look like positions.
    static let recordSize: UInt64 = 8

    /// All that was written, flushed or not.
    package private(set) var records: [LogRecord] = []
    /// How many records would survive a loss of power.
    package private(set) var flushed = 0
    /// How many records readers of a standby see.
    package private(set) var replayed = 0
    /// The timelines that were left, with the number of records up to there.
    private(set) var switches: [TimelineHistory.Switch] = []

    /// The number of records written.
    var count: Int { records.count }

    /// The timeline on which the copy ends.
    var timeline: UInt32 { records.last?.timeline ?? 1 }

    mutating func append(_ record: LogRecord) {
        if let last = records.last, last.timeline != record.timeline {
            switches.append(
                TimelineHistory.Switch(
                    timeline: TimelineID(last.timeline),
                    end: LogCopy.position(records.count)
                )
            )
        }
        records.append(record)
    }

    /// Takes over what `source` holds beyond the own end, up to `end`.
    mutating func receive(from source: LogCopy, upTo end: Int) {
        guard end > records.count else { return }
        for index in records.count..<min(end, source.count) { append(source.records[index]) }
    }

    mutating func flush(upTo end: Int) { flushed = max(flushed, min(end, records.count)) }

    mutating func flushAll() { flushed = records.count }

    mutating func replayAll() { replayed = flushed }

    mutating func replay(upTo end: Int) { replayed = max(replayed, min(end, records.count)) }

    /// Removes what lies beyond `end`.
    mutating func truncate(to end: Int) {
        guard end < records.count else { return }
        records.removeLast(records.count - end)
        flushed = min(flushed, end)
        replayed = min(replayed, end)
        switches.removeAll { $0.end >= LogCopy.position(end) }
    }

    /// Whether `other` holds the same records up to `end`, which both must reach.
    func agrees(with other: LogCopy, upTo end: Int) -> Bool {
        guard end > 0 else { return true }
        guard end <= count, end <= other.count else { return false }
        return records[end - 1].identity == other.records[end - 1].identity
    }

    /// The number of records that both copies share.
    func common(with other: LogCopy, upTo limit: Int) -> Int {
        var (low, high) = (0, min(limit, count, other.count))
        while low < high {
            let middle = (low + high + 1) / 2
            if agrees(with: other, upTo: middle) { low = middle } else { high = middle - 1 }
        }
        return low
    }

    /// What a sample taken behind the first `position` records says.
    func sample(at position: Int) -> WALSample {
        let end = min(position, count)
        let timeline = end > 0 ? records[end - 1].timeline : 1
        let left = switches.filter { $0.end < LogCopy.position(end) }
        return WALSample(
            end: WALPosition(timeline: TimelineID(timeline), lsn: LogCopy.position(end)),
            history: TimelineHistory(left)
        )
    }

    /// The position behind the first `count` records.
    static func position(_ count: Int) -> LSN { LSN(UInt64(count) * recordSize) }

    /// The number of records before `position`.
    static func count(_ position: LSN) -> Int { Int(position.bytes / recordSize) }
}
