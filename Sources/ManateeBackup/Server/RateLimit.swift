/// Spreads bytes over time: how long to wait after some were sent.
struct RateLimit: Equatable, Sendable {
    /// What may be caught up on after a pause, in time: a stall is not answered by a flood.
    private static let burst = Duration.milliseconds(200)

    private let bytesPerSecond: Int64
    /// When everything sent so far is paid for.
    private var due: ContinuousClock.Instant

    /// A limit from `now` on; nil if there is none.
    init?(_ bytesPerSecond: Int64?, now: ContinuousClock.Instant) {
        guard let bytesPerSecond, bytesPerSecond > 0 else { return nil }
        self.bytesPerSecond = bytesPerSecond
        due = now
    }

    /// Counts bytes that were sent at `now`.
    ///
    /// - Returns: how long to wait before the next.
    mutating func wait(after bytes: Int, at now: ContinuousClock.Instant) -> Duration {
        let cost = Duration.microseconds(Int64(Double(bytes) * 1e6 / Double(bytesPerSecond)))
        due = max(due, now - Self.burst) + cost
        return max(due - now, .zero)
    }
}
