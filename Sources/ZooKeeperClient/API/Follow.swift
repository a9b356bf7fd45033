/// What is at a path, now and after each change.
///
/// Yields the present value first, then the newest one after each change; values in between may be
/// skipped. Lost connections are waited out. The sequence ends when this side closes the session or
/// the task is cancelled, and fails when the session expires or the server refuses to answer.
public struct Follow<Value: Sendable>: Sendable, AsyncSequence {
    /// What the sequence yields.
    public typealias Element = Value
    /// How the sequence fails.
    public typealias Failure = ZooKeeperError

    let read: @Sendable () async throws(ZooKeeperError) -> Watched<Value>

    /// An iterator that begins with the present value.
    public func makeAsyncIterator() -> Iterator { Iterator(read: read) }

    /// Reads, then waits for a change, and so on.
    public struct Iterator: AsyncIteratorProtocol {
        let read: @Sendable () async throws(ZooKeeperError) -> Watched<Value>
        private var watch: Watch?

        init(read: @escaping @Sendable () async throws(ZooKeeperError) -> Watched<Value>) {
            self.read = read
        }

        /// The next value; nil when this side closed the session or the task is cancelled.
        public mutating func next(
            isolation actor: isolated (any Actor)?
        ) async throws(ZooKeeperError) -> Value? {
            if let handle = watch?.handle {
                guard try await handle.buffer.next() != nil else { return nil }
                watch = nil
            }
            while true {
                do {
                    let watched = try await read()
                    watch = watched.watch
                    return watched.value
                } catch {
                    switch error.code {
                    case .connectionLost, .notConnected, .sessionMoved: continue
                    case .cancelled, .sessionClosed: return nil
                    default: throw error
                    }
                }
            }
        }
    }
}
