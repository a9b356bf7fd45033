/// A span of simulated time, or a moment counted from the beginning of a history.
///
/// Whole microseconds: the same seed gives the same history in debug and release builds.
package struct SimulatedTime: Hashable, Comparable, Sendable, CustomStringConvertible {
    /// The number of microseconds.
    package var microseconds: Int64

    /// The beginning of a history, and the empty span.
    package static let zero = SimulatedTime(microseconds: 0)

    /// This many microseconds.
    package init(microseconds: Int64) { self.microseconds = microseconds }

    /// The whole microseconds of `duration`.
    package init(_ duration: Duration) {
        let (seconds, attoseconds) = duration.components
        microseconds = seconds * 1_000_000 + attoseconds / 1_000_000_000_000
    }

    /// This many milliseconds.
    package static func milliseconds(_ count: Int64) -> SimulatedTime {
        SimulatedTime(microseconds: count * 1000)
    }

    /// This many seconds.
    package static func seconds(_ count: Int64) -> SimulatedTime {
        SimulatedTime(microseconds: count * 1_000_000)
    }

    /// The time as the machines are told it.
    package var duration: Duration { .microseconds(microseconds) }

    /// Orders by length, or by what comes first.
    package static func < (left: SimulatedTime, right: SimulatedTime) -> Bool {
        left.microseconds < right.microseconds
    }

    /// The sum of both.
    package static func + (left: SimulatedTime, right: SimulatedTime) -> SimulatedTime {
        SimulatedTime(microseconds: left.microseconds + right.microseconds)
    }

    /// What lies between both.
    package static func - (left: SimulatedTime, right: SimulatedTime) -> SimulatedTime {
        SimulatedTime(microseconds: left.microseconds - right.microseconds)
    }

    /// Seconds with three places, for example `12.034s`.
    package var description: String {
        let milliseconds = microseconds / 1000
        let rest = String(milliseconds % 1000)
        return "\(milliseconds / 1000).\(String(repeating: "0", count: 3 - rest.count))\(rest)s"
    }
}
