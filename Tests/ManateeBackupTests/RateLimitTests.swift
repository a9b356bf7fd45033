import Testing

@testable import ManateeBackup

@Suite("A rate limit")
struct RateLimitTests {
    @Test func `spreads bytes over time, and lets little be caught up on`() throws {
        let start = ContinuousClock.now
        var limit = try #require(RateLimit(1000, now: start))
        // Up to 200 ms may be caught up on, also at the start.
        #expect(limit.wait(after: 500, at: start) == .milliseconds(500))
        #expect(limit.wait(after: 500, at: start + .milliseconds(500)) == .milliseconds(500))
        // After a stall of a minute it goes on at the same pace.
        #expect(limit.wait(after: 1000, at: start + .seconds(60)) == .milliseconds(800))
    }

    @Test func `none is none`() {
        #expect(RateLimit(nil, now: .now) == nil)
    }
}
