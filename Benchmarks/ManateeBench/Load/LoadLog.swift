import Synchronization

/// What became of each write and each read of all clients.
///
/// Times are by one monotonic clock, so that they can be compared between clients.
final class LoadLog: Sendable {
    private struct State {
        var nextID: Int64 = 1
        var acknowledged: [Acknowledgement] = []
        var unknown: [Int64] = []
        var reads: [ContinuousClock.Instant] = []
    }

    private let state = Mutex(State())

    /// An empty log.
    init() {}

    func beginWrite() -> Int64 {
        state.withLock { state in
            defer { state.nextID += 1 }
            return state.nextID
        }
    }

    func acknowledge(_ write: Acknowledgement) {
        state.withLock { $0.acknowledged.append(write) }
    }

    func lose(_ id: Int64) { state.withLock { $0.unknown.append(id) } }

    func answered(at instant: ContinuousClock.Instant) {
        state.withLock { $0.reads.append(instant) }
    }

    /// When the write was begun that was acknowledged last; nil before the first.
    var newestBegin: ContinuousClock.Instant? {
        state.withLock { $0.acknowledged.last?.begun }
    }

    /// The writes that were acknowledged, of which nobody knows, and when reads were answered.
    var content:
        (acknowledged: [Acknowledgement], unknown: [Int64], reads: [ContinuousClock.Instant])
    {
        state.withLock { ($0.acknowledged, $0.unknown, $0.reads) }
    }

    /// Forgets everything but the numbers: a new run begins.
    func startOver() {
        state.withLock { state in
            state.acknowledged = []
            state.unknown = []
            state.reads = []
        }
    }
}
