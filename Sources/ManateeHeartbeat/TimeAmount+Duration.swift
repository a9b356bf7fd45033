import NIOCore

extension TimeAmount {
    /// The whole nanoseconds of `duration`.
    init(rounding duration: Duration) {
        let (seconds, attoseconds) = duration.components
        self = .nanoseconds(seconds * 1_000_000_000 + attoseconds / 1_000_000_000)
    }
}
