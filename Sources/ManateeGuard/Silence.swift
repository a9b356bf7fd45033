/// How long the sitter has said nothing, in time during which the guard itself ran.
///
/// After the whole machine stood still both run again at the same moment, and the sitter has had no
/// chance to speak. So the guard wakes up often, and no single wake-up counts for more than its due.
package struct Silence: Sendable {
    /// How many wake-ups make a limit.
    static let wakeUps = 20

    /// After how much silence the sitter is taken to stand still.
    package let limit: Duration
    private var counted = Duration.zero

    /// No silence yet.
    package init(limit: Duration) {
        self.limit = limit
    }

    /// How long to sleep, at most, until the next wake-up.
    package var pause: Duration { limit / Self.wakeUps }

    /// Whether the limit is reached.
    package var isOver: Bool { counted >= limit }

    /// The sitter spoke.
    package mutating func heard() {
        counted = .zero
    }

    /// Nothing was heard until a wake-up, so long after the one before.
    package mutating func wokeUp(after elapsed: Duration) {
        counted += min(elapsed, pause)
    }
}
