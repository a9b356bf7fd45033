/// With which timing Patroni is measured.
package enum PatroniTiming: String, CaseIterable, Sendable {
    /// What it comes with.
    case standard = "default"
    /// The lowest values that it accepts.
    case fastest

    var values: (ttl: Int, loopWait: Int, retryTimeout: Int) {
        switch self {
        case .standard: (30, 10, 10)
        case .fastest: (20, 1, 3)
        }
    }
}
