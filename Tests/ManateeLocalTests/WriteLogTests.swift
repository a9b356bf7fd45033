import Testing

@testable import ManateeLocal

@Suite("The log of writes")
struct WriteLogTests {
    let start = ContinuousClock.now

    private func log(acknowledgedAt milliseconds: [Int]) -> WriteLog {
        let log = WriteLog()
        for millisecond in milliseconds {
            log.acknowledge(log.begin(), at: start + .milliseconds(millisecond))
        }
        return log
    }

    private func gap(_ log: WriteLog, after: Int, until: Int? = nil) -> Int? {
        log.writeGap(
            after: start + .milliseconds(after),
            until: until.map { start + .milliseconds($0) }
        )?.milliseconds
    }

    @Test func `measures from the last acknowledgement before to the first after`() {
        #expect(gap(log(acknowledgedAt: [0, 90, 1500, 1510]), after: 100) == 1410)
    }

    @Test func `is not misled by an acknowledgement that was on its way`() {
        #expect(gap(log(acknowledgedAt: [0, 90, 101, 1500]), after: 100) == 1399)
    }

    @Test func `sorts what several writers said`() {
        #expect(gap(log(acknowledgedAt: [0, 1500, 95, 1600]), after: 100) == 1405)
    }

    @Test func `looks at one disturbance at a time`() {
        let log = log(acknowledgedAt: [0, 90, 1500, 1600, 9000])
        #expect(gap(log, after: 100, until: 1600) == 1410)
        #expect(gap(log, after: 1700) == 7400)
    }

    @Test func `has no gap that nobody saw the end of`() {
        #expect(gap(log(acknowledgedAt: [0, 90]), after: 100) == nil)
        #expect(gap(log(acknowledgedAt: []), after: 100) == nil)
    }

    @Test func `counts as lost what was acknowledged and is not found`() {
        let log = log(acknowledgedAt: [1, 2, 3])
        log.lose(log.begin())
        #expect(log.acknowledged == [1, 2, 3])
        #expect(log.unknown == [4])
        #expect(log.lost(amongRows: [1, 3, 9]) == [2])
        #expect(log.lost(amongRows: [1, 2, 3]) == [])
    }
}
