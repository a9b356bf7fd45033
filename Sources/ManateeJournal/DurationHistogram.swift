/// How many durations lay below each bound, and their sum.
package struct DurationHistogram: Equatable, Sendable {
    /// The upper bounds of the buckets, in seconds: what a failover on a LAN takes lies in the middle.
    package static let bounds = [
        0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300,
    ]

    /// For each bound, how many durations were not above it.
    package private(set) var counts = [Int](repeating: 0, count: bounds.count)
    /// How many durations there were.
    package private(set) var count = 0
    /// All of them together.
    package private(set) var sum = Duration.zero

    /// No durations yet.
    package init() {}

    /// Counts `duration` in.
    package mutating func add(_ duration: Duration) {
        let seconds = duration / .seconds(1)
        for index in Self.bounds.indices where seconds <= Self.bounds[index] { counts[index] += 1 }
        count += 1
        sum += duration
    }
}
