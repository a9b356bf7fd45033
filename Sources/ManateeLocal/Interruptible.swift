package import UnixSignals

/// Work that ends early, but in order, when the user or the system asks for it.
package enum Interruptible {
    /// What the work came to.
    package enum Outcome<Value: Sendable>: Sendable {
        case done(Value)
        case interrupted(UnixSignal)
    }

    /// Runs `body` until it ends or a signal arrives; a signal cancels it, and its end is awaited.
    ///
    /// The caller goes on in a task that is not cancelled, and can clean up. From then on the signals
    /// have no effect any more, so that cleaning up is not disturbed.
    package static func run<Value: Sendable>(
        _ body: @escaping @Sendable () async throws -> Value
    ) async -> Result<Outcome<Value>, any Error> {
        let signals = await UnixSignalsSequence(trapping: .sigint, .sigterm, .sighup)
        return await withTaskGroup(of: Result<Outcome<Value>, any Error>?.self) { group in
            group.addTask {
                do {
                    return .success(.done(try await body()))
                } catch {
                    return .failure(error)
                }
            }
            group.addTask {
                for await signal in signals { return .success(.interrupted(signal)) }
                return nil
            }
            defer { group.cancelAll() }
            while let result = await group.next() {
                if let result { return result }
            }
            preconditionFailure("neither the work nor the wait for signals ended with a result")
        }
    }
}
