import ManateePorts

/// Makes progress of counted bytes, about once a second.
actor ProgressMeter {
    private static let interval = Duration.seconds(1)
    /// How many intervals the rate is taken over.
    private static let span = 5

    private let total: Int64?
    private let tell: @Sendable (CopyProgress) async -> Void
    private var bytes: Int64 = 0
    /// Where the bytes stood at the last reports, oldest first.
    private var marks: [(at: ContinuousClock.Instant, bytes: Int64)]

    init(total: Int64?, tell: @escaping @Sendable (CopyProgress) async -> Void) {
        self.total = total
        self.tell = tell
        marks = [(.now, 0)]
    }

    /// Counts bytes, and reports if it is time to.
    func count(_ more: Int) async {
        bytes += Int64(more)
        guard let last = marks.last, ContinuousClock.now - last.at >= Self.interval else { return }
        await report()
    }

    /// Reports how far it is.
    func report() async {
        let now = ContinuousClock.now
        let oldest = marks.first ?? (now, 0)
        marks.append((now, bytes))
        if marks.count > Self.span { marks.removeFirst() }
        let seconds = (now - oldest.at) / .seconds(1)
        let rate = seconds > 0 ? Double(bytes - oldest.bytes) / seconds : 0
        await tell(CopyProgress(bytes: bytes, total: total, bytesPerSecond: Int64(rate)))
    }
}
