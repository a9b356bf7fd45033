/// Waits for things that are only seen by looking again.
package enum Waiting {
    /// Looks until there is a value.
    ///
    /// - Parameters:
    ///   - what: what is waited for, for the error.
    ///   - limit: how long.
    ///   - pause: between two looks. Default 50 ms.
    ///   - tail: what an operator should see when it did not come, such as the ends of logs.
    ///   - look: the value if it is there; nil if not yet, with what was seen instead.
    /// - Returns: the value.
    /// - Throws: ``WaitFailure`` at the limit, `CancellationError`, and what `look` throws.
    package static func until<Value: Sendable>(
        _ what: String,
        within limit: Duration,
        every pause: Duration = .milliseconds(50),
        tail: () -> String = { "" },
        _ look: () async throws -> Sight<Value>
    ) async throws -> Value {
        let deadline = ContinuousClock.now + limit
        while true {
            switch try await look() {
            case .there(let value):
                return value
            case .notYet(let seen):
                guard ContinuousClock.now < deadline else {
                    throw WaitFailure(what: what, limit: limit, seen: seen, tail: tail())
                }
            }
            try await Task.sleep(for: pause)
        }
    }

    /// What one look showed.
    package enum Sight<Value: Sendable>: Sendable {
        /// It has come about.
        case there(Value)
        /// It has not; what was seen.
        case notYet(String)
    }
}

/// Something did not come about in time.
package struct WaitFailure: Error, CustomStringConvertible {
    /// What was waited for.
    package var what: String
    /// How long.
    package var limit: Duration
    /// What was seen last.
    package var seen: String
    /// The ends of the logs that may say why.
    package var tail: String

    /// What was waited for, what was seen, and the ends of the logs.
    package var description: String {
        "waited \(StoryTimeline.seconds(limit)) s for \(what); last seen: \(seen)"
            + (tail.isEmpty ? "" : "\n" + tail)
    }
}
