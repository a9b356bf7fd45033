import Foundation
import Testing

@testable import ManateeLocal

@Suite("The report of a story")
struct StoryReportTests {
    private let report = StoryReport(
        acknowledged: 1200,
        lost: 0,
        unknown: 6,
        writeGaps: [.milliseconds(2412), .milliseconds(2600)],
        rejoins: [.milliseconds(3050)],
        generation: 3,
        healthy: true
    )

    @Test func `is one line of JSON with the promised fields`() throws {
        #expect(!report.json.contains("\n"))
        let object = try JSONSerialization.jsonObject(with: Data(report.json.utf8))
        let fields = try #require(object as? [String: Any])
        #expect(fields["acknowledged"] as? Int == 1200)
        #expect(fields["lost"] as? Int == 0)
        #expect(fields["unknown"] as? Int == 6)
        #expect(fields["failovers"] as? Int == 2)
        #expect(fields["writeGapMilliseconds"] as? [Int] == [2412, 2600])
        #expect(fields["rejoinSeconds"] as? [Double] == [3.05])
        #expect(fields["generation"] as? Int == 3)
    }

    @Test func `is a success only if nothing was lost and the shard is whole`() {
        #expect(report.succeeded)
        var lossy = report
        lossy.lost = 1
        #expect(!lossy.succeeded)
        var broken = report
        broken.healthy = false
        #expect(!broken.succeeded)
        var idle = report
        idle.acknowledged = 0
        #expect(!idle.succeeded)
    }

    @Test func `tells when things happened, and how long after each other`() {
        var timeline = StoryTimeline()
        timeline.add("one", at: .milliseconds(5))
        timeline.add("two", at: .milliseconds(12_034))
        #expect(
            timeline.table == """
                   time      step  what happened
                  0.005    +0.005  one
                 12.034   +12.029  two
                """
        )
    }
}
