/// A moment, counted from an origin that the world chooses (process start, simulation start).
///
/// It names no real clock: the shell and the simulator each count from their own origin.
package struct Instant: InstantProtocol, Hashable, Sendable, CustomStringConvertible {
    /// The time since the origin.
    package var sinceOrigin: Duration

    /// The moment that lies `sinceOrigin` after the origin; the origin itself by default.
    package init(_ sinceOrigin: Duration = .zero) {
        self.sinceOrigin = sinceOrigin
    }

    /// The moment that lies `duration` after this one.
    package func advanced(by duration: Duration) -> Instant {
        Instant(sinceOrigin + duration)
    }

    /// The time from this moment to `other`; negative if `other` is earlier.
    package func duration(to other: Instant) -> Duration {
        other.sinceOrigin - sinceOrigin
    }

    /// Orders moments by time.
    package static func < (left: Instant, right: Instant) -> Bool {
        left.sinceOrigin < right.sinceOrigin
    }

    /// The moment as an operator reads it, for example `t+3.2s`.
    package var description: String {
        let (seconds, attoseconds) = sinceOrigin.components
        return "t+\(seconds).\(attoseconds / 100_000_000_000_000_000)s"
    }
}
