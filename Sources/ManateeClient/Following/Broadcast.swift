import Synchronization

/// A value that changes, and those who follow it.
final class Broadcast<Value: Equatable & Sendable>: Sendable {
    private struct State {
        var value: Value?
        var readers: [Int: AsyncStream<Value>.Continuation] = [:]
        var readerCount = 0
        var isOver = false
    }

    private let state: Mutex<State>

    init(_ value: Value? = nil) {
        state = Mutex(State(value: value))
    }

    /// The present value; nil before the first.
    var value: Value? { state.withLock { $0.value } }

    /// Tells the value to all readers if it differs from the last one.
    func send(_ value: Value) {
        state.withLock { state in
            guard !state.isOver, state.value != value else { return }
            state.value = value
            // Within the lock, so that nobody is told two values in the wrong order.
            for reader in state.readers.values { reader.yield(value) }
        }
    }

    /// No further value will come.
    func finish() {
        let readers = state.withLock { state in
            state.isOver = true
            defer { state.readers = [:] }
            return state.readers
        }
        for reader in readers.values { reader.finish() }
    }

    /// The present value, if there is one, and each later one; a slow reader gets the newest only.
    func stream() -> AsyncStream<Value> {
        let (stream, continuation) = AsyncStream.makeStream(
            of: Value.self,
            bufferingPolicy: .bufferingNewest(1)
        )
        let id = state.withLock { state -> Int? in
            if let value = state.value { continuation.yield(value) }
            guard !state.isOver else { return nil }
            state.readerCount += 1
            state.readers[state.readerCount] = continuation
            return state.readerCount
        }
        guard let id else {
            continuation.finish()
            return stream
        }
        continuation.onTermination = { [weak self] _ in
            self?.state.withLock { _ = $0.readers.removeValue(forKey: id) }
        }
        return stream
    }
}
