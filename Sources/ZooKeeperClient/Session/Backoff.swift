/// Chooses the next server and the pause before it.
///
/// Round 1 begins at once; the pause before round 2 is `minimum`, before round 3 twice that, and so
/// on up to `maximum`; each is shortened by up to a half, so that the clients of a server that died
/// do not come back in step.
///
/// | failed rounds | 1 | 2 | 3 | 4 | 5 and more |
/// |---|---|---|---|---|---|
/// | pause (100 ms, 1 s) | 50-100 ms | 100-200 ms | 200-400 ms | 400-800 ms | 0.5-1 s |
struct Backoff {
    private let servers: [ServerAddress]
    private let minimum: Duration
    private let maximum: Duration
    private var generator: SplitMix
    private var position = 0
    private var failures = 0

    init(servers: [ServerAddress], minimum: Duration, maximum: Duration, seed: UInt64) {
        generator = SplitMix(state: seed)
        self.servers = servers.shuffled(using: &generator)
        self.minimum = minimum
        self.maximum = maximum
    }

    /// The server to try now.
    mutating func nextServer() -> ServerAddress {
        defer { position = (position + 1) % servers.count }
        return servers[position]
    }

    /// How long to wait after a failure before ``nextServer()``.
    mutating func pauseAfterFailure() -> Duration {
        failures += 1
        guard failures % servers.count == 0 else { return .zero }
        let round = failures / servers.count
        let pause = min(maximum, minimum * (1 << min(round - 1, 20)))
        return pause * Double.random(in: 0.5...1, using: &generator)
    }

    /// Forgets the failures, after a connection that was of use.
    mutating func reset() {
        failures = 0
    }
}

/// A small generator of numbers, so that a seed repeats a whole session.
struct SplitMix: RandomNumberGenerator {
    private var state: UInt64

    init(state: UInt64) {
        self.state = state
    }

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var value = state
        value = (value ^ (value >> 30)) &* 0xbf58_476d_1ce4_e5b9
        value = (value ^ (value >> 27)) &* 0x94d0_49bb_1331_11eb
        return value ^ (value >> 31)
    }
}
