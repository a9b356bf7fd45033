/// A write that a client saw succeed.
package struct Acknowledgement: Hashable, Sendable {
    /// The write.
    package var id: Int64
    /// When the client sent it.
    package var begun: ContinuousClock.Instant
    /// When the answer came.
    package var ended: ContinuousClock.Instant
    /// The timeline on which the server wrote.
    package var timeline: Int
    /// The server's address.
    package var server: String

    /// An acknowledgement of these facts.
    package init(
        id: Int64,
        begun: ContinuousClock.Instant,
        ended: ContinuousClock.Instant,
        timeline: Int,
        server: String
    ) {
        self.id = id
        self.begun = begun
        self.ended = ended
        self.timeline = timeline
        self.server = server
    }
}

extension Collection<ContinuousClock.Instant> {
    /// The longest time between two instants that ends after `fault` and begins before `end`: a pause that
    /// goes on at the end counts whole.
    ///
    /// - Returns: nil if there is none before it, or none after it.
    package func longestPause(
        after fault: ContinuousClock.Instant,
        until end: ContinuousClock.Instant
    ) -> Duration? {
        let instants = sorted()
        return zip(instants, instants.dropFirst())
            .filter { $1 > fault && $0 < end }
            .map { $0.duration(to: $1) }
            .max()
    }
}

extension Collection<Acknowledgement> {
    /// The acknowledgements that two primaries must have given side by side: begun after somebody saw a
    /// later timeline acknowledge, and yet of an earlier one.
    package var fromSecondPrimaries: [Acknowledgement] {
        var firstSeen: [Int: ContinuousClock.Instant] = [:]
        for write in self {
            firstSeen[write.timeline] = Swift.min(
                firstSeen[write.timeline] ?? write.ended,
                write.ended
            )
        }
        return filter { write in
            firstSeen.contains { $0.key > write.timeline && $0.value < write.begun }
        }
    }
}
