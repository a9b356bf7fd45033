/// What something is now, and each time that it has changed.
///
/// Each loop over it begins with the present value, if there is one. No value comes twice in a row. A
/// slow reader gets the newest value and may miss those in between. It ends when the client's
/// ``ManateeClient/ManateeClient/run()`` has returned, or the task is cancelled.
public struct Changes<Element: Equatable & Sendable>: AsyncSequence, Sendable {
    /// It does not fail: what is wrong is told by ``Shard/statuses``.
    public typealias Failure = Never

    let begin: @Sendable () -> Iterator

    /// The values of `broadcast`, as `read` understands them; nil is passed over.
    init<Value>(
        _ broadcast: Broadcast<Value>,
        _ read: @escaping @Sendable (Value) -> Element?
    ) {
        begin = {
            var values = broadcast.stream().makeAsyncIterator()
            return Iterator { actor in
                while let value = await values.next(isolation: actor) {
                    if let element = read(value) { return element }
                }
                return nil
            }
        }
    }

    /// An iterator that begins with the present value.
    public func makeAsyncIterator() -> Iterator { begin() }

    /// Waits for one value after another.
    public struct Iterator: AsyncIteratorProtocol {
        private let read: (isolated (any Actor)?) async -> Element?
        private var last: Element?

        init(read: @escaping (isolated (any Actor)?) async -> Element?) {
            self.read = read
        }

        /// The next value that differs from the last one; nil at the end.
        public mutating func next(isolation actor: isolated (any Actor)?) async -> Element? {
            while let element = await read(actor) {
                guard element != last else { continue }
                last = element
                return element
            }
            return nil
        }
    }
}
