import Synchronization

/// What became of each write of all writers, in the order in which they learned it.
///
/// Times are by one monotonic clock, so that they can be compared between writers.
package final class WriteLog: Sendable {
    /// The number of one write; unique in one log.
    package typealias WriteID = Int64

    private struct State {
        var nextID: WriteID = 1
        var acknowledged: [WriteID] = []
        var acknowledgedAt: [ContinuousClock.Instant] = []
        var unknown: [WriteID] = []
        var isClosed = false
    }

    private let state = Mutex(State())

    /// A log without writes.
    package init() {}

    /// Asks the clients to stop, each after the write that it has begun.
    package func close() {
        state.withLock { $0.isClosed = true }
    }

    /// Whether the clients are to stop.
    package var isClosed: Bool { state.withLock(\.isClosed) }

    /// The number for a new write.
    package func begin() -> WriteID {
        state.withLock { state in
            defer { state.nextID += 1 }
            return state.nextID
        }
    }

    /// The COMMIT of `id` was seen to succeed at `instant`.
    package func acknowledge(_ id: WriteID, at instant: ContinuousClock.Instant) {
        state.withLock { state in
            state.acknowledged.append(id)
            state.acknowledgedAt.append(instant)
        }
    }

    /// Nobody knows whether `id` was committed: an error or a lost connection came instead.
    package func lose(_ id: WriteID) {
        state.withLock { $0.unknown.append(id) }
    }

    /// The writes whose COMMIT was seen to succeed.
    package var acknowledged: [WriteID] { state.withLock(\.acknowledged) }

    /// The writes of which nobody knows.
    package var unknown: [WriteID] { state.withLock(\.unknown) }

    /// When the last write was acknowledged; nil before the first.
    package var lastAcknowledgement: ContinuousClock.Instant? {
        state.withLock { $0.acknowledgedAt.max() }
    }

    /// The acknowledged writes that are missing among the rows `found`.
    package func lost(amongRows found: Set<WriteID>) -> [WriteID] {
        acknowledged.filter { !found.contains($0) }.sorted()
    }

    /// The longest time without an acknowledgement that ends after `disturbance` and, if given, not
    /// after `end`: the pause that the disturbance cost, over all writers.
    ///
    /// An acknowledgement that was already on its way when the disturbance came does not end it.
    ///
    /// - Returns: nil if nothing was acknowledged before, or nothing after it.
    package func writeGap(
        after disturbance: ContinuousClock.Instant,
        until end: ContinuousClock.Instant? = nil
    ) -> Duration? {
        let instants = state.withLock(\.acknowledgedAt).sorted()
        return zip(instants, instants.dropFirst())
            .filter { _, later in later > disturbance && (end.map { later <= $0 } ?? true) }
            .map { earlier, later in earlier.duration(to: later) }
            .max()
    }
}
