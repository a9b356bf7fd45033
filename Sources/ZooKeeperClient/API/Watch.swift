/// Waits for the next change of what was read, and fires once.
///
/// The watch survives reconnects: a change that happened meanwhile fires it. It is given up when the
/// last copy of this value is gone. An event of kind `resynchronise` means that the change, if there
/// was one, may have been missed: read again.
public struct Watch: Sendable, AsyncSequence {
    /// What the sequence yields: one event at most.
    public typealias Element = WatchEvent
    /// How the sequence fails: the session expired, or its credentials were refused.
    public typealias Failure = ZooKeeperError

    let handle: WatchHandle

    /// The change, as soon as there is one.
    ///
    /// - Throws: ``ZooKeeperError`` if the session ends first, if the task is cancelled, or if the
    ///   watch has fired already.
    public func event() async throws(ZooKeeperError) -> WatchEvent {
        if let event = try await handle.buffer.next() {
            return event
        }
        throw ZooKeeperError(
            code: Task.isCancelled ? .cancelled : .sessionClosed,
            operation: "watch",
            path: handle.buffer.path,
            detail: Task.isCancelled ? nil : "or the watch has fired already"
        )
    }

    /// An iterator; all iterators share the one event.
    public func makeAsyncIterator() -> Iterator { Iterator(handle: handle) }

    /// Yields the change once.
    public struct Iterator: AsyncIteratorProtocol {
        let handle: WatchHandle

        /// The change; nil after it, when this side closes the session, or when the task is cancelled.
        public mutating func next(
            isolation actor: isolated (any Actor)?
        ) async throws(ZooKeeperError) -> WatchEvent? {
            try await handle.buffer.next()
        }
    }
}

/// Something that was read, together with a watch for its next change.
public struct Watched<Value: Sendable>: Sendable {
    /// What was read.
    public var value: Value
    /// Fires at the first change after `value`.
    public var watch: Watch
}

/// Every event of a persistent watch, until the sequence is dropped or the session ends.
///
/// Events come at least once and in the order of the changes. Where some may be missing, after a
/// reconnect or because the reader was too slow, a `resynchronise` stands in for them. The watch is
/// removed at the server when the last copy of this value is gone.
public struct WatchEvents: Sendable, AsyncSequence {
    /// What the sequence yields.
    public typealias Element = WatchEvent
    /// How the sequence fails: the session expired, or its credentials were refused.
    public typealias Failure = ZooKeeperError

    let handle: WatchHandle

    /// An iterator; iterators share the events, each event goes to one of them.
    public func makeAsyncIterator() -> Iterator { Iterator(handle: handle) }

    /// Yields the events.
    public struct Iterator: AsyncIteratorProtocol {
        let handle: WatchHandle

        /// The next event; nil when this side closes the session, or when the task is cancelled.
        public mutating func next(
            isolation actor: isolated (any Actor)?
        ) async throws(ZooKeeperError) -> WatchEvent? {
            try await handle.buffer.next()
        }
    }
}
