import ManateeCore
import Testing

@Suite("A gauge of the room on a disk")
struct SpaceGaugeTests {
    private static let limits = SpaceLimits(
        warning: .percent(20),
        critical: .bytes(100 << 20)
    )
    private static let total: Int64 = 1000 << 20

    /// The levels after readings of so many free megabytes.
    private func levels(_ limits: SpaceLimits = limits, _ free: Int64...) -> [SpaceLevel] {
        var gauge = SpaceGauge(limits)
        return free.map { free in
            let before = gauge.level
            let changed = gauge.read(free: free << 20, total: Self.total)
            #expect(changed == (gauge.level != before))
            return gauge.level
        }
    }

    @Test func `enters a level at its limit`() {
        #expect(
            levels(Self.limits, 210, 199, 100, 99, 16, 15, 0) == [
                .enough, .low, .low, .critical, .critical, .exhausted, .exhausted,
            ]
        )
    }

    @Test func `jumps over levels`() {
        #expect(levels(Self.limits, 0, 1000) == [.exhausted, .enough])
    }

    @Test func `leaves a level only well above its limit`() {
        #expect(
            levels(Self.limits, 99, 101, 124, 125, 201, 249, 250) == [
                .critical, .critical, .critical, .low, .low, .low, .enough,
            ]
        )
        #expect(levels(Self.limits, 15, 19, 20) == [.exhausted, .exhausted, .critical])
    }

    @Test func `is critical below what a file of the log needs, whatever was configured`() {
        let none = SpaceLimits(warning: .bytes(0), critical: .bytes(0))
        #expect(levels(none, 17, 15, 19, 20) == [.enough, .exhausted, .exhausted, .enough])
    }
}
