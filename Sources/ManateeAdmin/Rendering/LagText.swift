/// A lag as operators read it: minutes without bound and two digits of seconds, as in `1441m05s`.
package struct LagText: Sendable {
    /// The lag in whole seconds; a clock that runs ahead counts as no lag.
    package var seconds: Int64

    /// The text for `lag`.
    package init(_ lag: Duration) {
        seconds = max(0, lag.components.seconds)
    }

    /// The text.
    package var text: String {
        let rest = seconds % 60
        return "\(seconds / 60)m\(rest < 10 ? "0" : "")\(rest)s"
    }
}
