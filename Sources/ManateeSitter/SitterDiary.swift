import ManateeCore
import ManateeJournal

/// The journal of a sitter, and those who follow it.
struct SitterDiary {
    var journal: Journal
    private var readers: [Int: AsyncStream<JournalEntry>.Continuation] = [:]
    private var readerCount = 0

    init(epoch: WallTime) { journal = Journal(epoch: epoch) }

    /// Keeps a step, and tells the readers; one that is too far behind is dropped.
    ///
    /// - Returns: whether the step completed a record.
    @discardableResult
    mutating func observe(_ step: PeerStep) -> Bool {
        let entries = journal.observe(step)
        for entry in entries {
            for (reader, continuation) in readers {
                switch continuation.yield(entry) {
                case .enqueued:
                    continue
                case .dropped, .terminated:
                    continuation.finish()
                    readers[reader] = nil
                @unknown default:
                    readers[reader] = nil
                }
            }
        }
        return entries.contains { $0.kind == .record }
    }

    /// The lines after the one with this number that are still kept, then each new one.
    mutating func follow(after number: Int?) -> AsyncStream<JournalEntry> {
        let (stream, continuation) = AsyncStream.makeStream(
            of: JournalEntry.self,
            bufferingPolicy: .bufferingOldest(Journal.keptEntries)
        )
        if let number {
            for entry in journal.entries where entry.number > number { continuation.yield(entry) }
        }
        readerCount += 1
        readers[readerCount] = continuation
        return stream
    }

    /// Ends all readers.
    mutating func close() {
        for reader in readers.values { reader.finish() }
        readers = [:]
    }
}
