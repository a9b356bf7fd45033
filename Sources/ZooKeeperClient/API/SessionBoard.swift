import Synchronization

/// The session's status, written by the session and read from anywhere.
final class SessionBoard: Sendable {
    private struct State {
        var status = SessionStatus(state: .connecting)
        var readers: [UInt64: AsyncStream<SessionState>.Continuation] = [:]
        var readerCount: UInt64 = 0
    }

    private let state = Mutex(State())

    /// How many states are kept for a slow reader of ``states()``; older ones are dropped.
    static let stateBufferLimit = 16

    var status: SessionStatus { state.withLock { $0.status } }

    func publish(_ status: SessionStatus) {
        let readers = state.withLock { state in
            let isNew = state.status.state != status.state
            state.status = status
            return isNew ? Array(state.readers.values) : []
        }
        for reader in readers {
            reader.yield(status.state)
            if status.state.isTerminal {
                reader.finish()
            }
        }
    }

    func states() -> AsyncStream<SessionState> {
        let (stream, continuation) = AsyncStream.makeStream(
            of: SessionState.self,
            bufferingPolicy: .bufferingNewest(Self.stateBufferLimit)
        )
        let (id, isOver) = state.withLock { state in
            state.readerCount += 1
            continuation.yield(state.status.state)
            guard !state.status.state.isTerminal else { return (state.readerCount, true) }
            state.readers[state.readerCount] = continuation
            return (state.readerCount, false)
        }
        if isOver {
            continuation.finish()
        } else {
            continuation.onTermination = { [weak self] _ in
                self?.state.withLock { _ = $0.readers.removeValue(forKey: id) }
            }
        }
        return stream
    }
}

extension SessionStatus {
    /// The machine's status on the local clock's time line.
    init(_ status: SessionMachine.Status, origin: ContinuousClock.Instant) {
        self.init(
            state: status.state,
            sessionID: status.identity?.id,
            timeout: status.identity?.timeout,
            server: status.server,
            lastHeard: status.lastHeard.map { origin.advanced(by: $0.sinceOrigin) },
            deadline: status.deadline.map { origin.advanced(by: $0.sinceOrigin) },
            lastFailure: status.lastFailure
        )
    }
}
