import ManateeBench
import Testing

@Suite("What the clients saw")
struct AcknowledgementTests {
    private let origin = ContinuousClock.now

    private func at(_ milliseconds: Int) -> ContinuousClock.Instant {
        origin + .milliseconds(milliseconds)
    }

    private func write(_ id: Int64, _ begun: Int, _ ended: Int, timeline: Int) -> Acknowledgement {
        Acknowledgement(
            id: id,
            begun: at(begun),
            ended: at(ended),
            timeline: timeline,
            server: "10.0.0.\(timeline)"
        )
    }

    @Test("the pause is the longest that ends after the fault and begins before the end")
    func pause() {
        let seen = [at(900), at(0), at(500), at(510), at(1300)]
        #expect(seen.longestPause(after: at(505), until: at(2000)) == .milliseconds(400))
        #expect(seen.longestPause(after: at(100), until: at(505)) == .milliseconds(500))
        #expect(seen.longestPause(after: at(505), until: at(600)) == .milliseconds(390))
        #expect(seen.longestPause(after: at(1300), until: at(2000)) == nil)
    }

    @Test(
        "a write on the old timeline that began after one on the new was seen is a second primary's"
    )
    func secondPrimary() {
        let late = write(4, 31, 40, timeline: 1)
        let writes = [
            write(1, 0, 10, timeline: 1), write(2, 20, 30, timeline: 2),
            // Begun before anybody knew, answered late: no proof.
            write(3, 25, 45, timeline: 1), late,
        ]
        #expect(writes.fromSecondPrimaries == [late])
    }
}
