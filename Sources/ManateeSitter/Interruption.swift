/// A wish to end one piece of work early, that its owner can state from anywhere.
struct Interruption: Sendable {
    private let wishes: AsyncStream<Never>
    private let continuation: AsyncStream<Never>.Continuation

    init() {
        (wishes, continuation) = AsyncStream.makeStream()
    }

    /// States the wish; stating it again, or after the work has ended, changes nothing.
    func interrupt() {
        continuation.finish()
    }

    /// Carries out `work`, in a task that is cancelled when the wish is stated.
    ///
    /// It returns only when `work` has returned, so that nothing of it goes on afterwards.
    func bound<Outcome: Sendable>(_ work: @escaping @Sendable () async -> Outcome) async -> Outcome
    {
        await withTaskGroup(of: Outcome?.self) { group in
            group.addTask { await work() }
            group.addTask {
                for await _ in wishes {}
                return nil
            }
            var outcome: Outcome?
            for await ended in group {
                if let ended { outcome = ended }
                group.cancelAll()
            }
            guard let outcome else { preconditionFailure("interrupted work left no outcome") }
            return outcome
        }
    }
}
