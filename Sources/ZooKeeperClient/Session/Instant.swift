/// A moment on the time line of one session machine; names no real clock.
struct Instant: InstantProtocol, Hashable, CustomStringConvertible {
    let sinceOrigin: Duration

    static let origin = Self(sinceOrigin: .zero)

    static func < (left: Self, right: Self) -> Bool { left.sinceOrigin < right.sinceOrigin }

    func advanced(by duration: Duration) -> Self {
        Self(sinceOrigin: sinceOrigin + duration)
    }

    func duration(to other: Self) -> Duration { other.sinceOrigin - sinceOrigin }

    var description: String { "t+\(sinceOrigin)" }
}
