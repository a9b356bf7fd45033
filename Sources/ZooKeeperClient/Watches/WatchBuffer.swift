import Synchronization

/// Events on their way from the session to the reader of one watch.
///
/// Holds at most `limit` events; one more, and all are replaced by a single `resynchronise`, which
/// asks the reader to look at everything again.
final class WatchBuffer: Sendable {
    private struct Reader {
        var id: UInt64
        var continuation: CheckedContinuation<Result<WatchEvent?, ZooKeeperError>, Never>
    }

    private struct State {
        var events: [WatchEvent] = []
        var end: Result<WatchEvent?, ZooKeeperError>?
        var readers: [Reader] = []
        var readerCount: UInt64 = 0
    }

    /// The path that is watched, as the client sees it.
    let path: String
    private let limit: Int
    private let isOneShot: Bool
    private let state = Mutex(State())

    init(path: String, limit: Int, isOneShot: Bool) {
        self.path = path
        self.limit = max(1, limit)
        self.isOneShot = isOneShot
    }

    func push(_ event: WatchEvent) {
        let reader: Reader? = state.withLock { state in
            guard state.end == nil else { return nil }
            if isOneShot {
                state.end = .success(nil)
            }
            guard state.readers.isEmpty else { return state.readers.removeFirst() }
            if state.events.count >= limit {
                state.events = [WatchEvent(kind: .resynchronise, path: path)]
            } else {
                state.events.append(event)
            }
            return nil
        }
        reader?.continuation.resume(returning: .success(event))
        if isOneShot {
            finish(nil)
        }
    }

    /// Ends the sequence once what is buffered was read; nil for an end without an error.
    func finish(_ error: ZooKeeperError?) {
        let end: Result<WatchEvent?, ZooKeeperError> = error.map { .failure($0) } ?? .success(nil)
        let (readers, result) = state.withLock { state in
            let result = state.end ?? end
            state.end = result
            defer { state.readers = [] }
            return (state.readers, result)
        }
        for reader in readers {
            reader.continuation.resume(returning: result)
        }
    }

    /// The next event; nil at the end, and if the task is cancelled.
    func next() async throws(ZooKeeperError) -> WatchEvent? {
        let id = state.withLock { state in
            state.readerCount += 1
            return state.readerCount
        }
        let result = await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let ready: Result<WatchEvent?, ZooKeeperError>? = state.withLock { state in
                    if !state.events.isEmpty { return .success(state.events.removeFirst()) }
                    if let end = state.end { return end }
                    // Asked under the lock: a cancellation that comes later finds the reader.
                    if Task.isCancelled { return .success(nil) }
                    state.readers.append(Reader(id: id, continuation: continuation))
                    return nil
                }
                if let ready {
                    continuation.resume(returning: ready)
                }
            }
        } onCancel: {
            let reader: Reader? = state.withLock { state in
                guard let index = state.readers.firstIndex(where: { $0.id == id }) else {
                    return nil
                }
                return state.readers.remove(at: index)
            }
            reader?.continuation.resume(returning: .success(nil))
        }
        return try result.get()
    }
}

/// Keeps a watch in place for as long as somebody holds it.
final class WatchHandle: Sendable {
    let buffer: WatchBuffer
    private let release: @Sendable () -> Void

    init(buffer: WatchBuffer, release: @escaping @Sendable () -> Void) {
        self.buffer = buffer
        self.release = release
    }

    deinit {
        release()
    }
}
