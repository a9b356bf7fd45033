import ManateeCore
import ManateeJournal
import Testing

@Suite("A journal")
struct JournalTests {
    @Test func `has a line for each decision, role and generation, numbered`() {
        var story = Story(of: 1)
        story.tell(.activePeersChanged([story.peers[1], story.peers[2]]))
        story.settle()
        story.tell(.writesOpened(Generation(2)))
        let entries = story.journal.entries
        #expect(entries.map(\.number) == Array(1...entries.count))
        let labels = entries.map { "\($0.kind.rawValue) \($0.label)" }
        #expect(labels.contains("decision taking_over"))
        #expect(labels.contains("role primary"))
        #expect(labels.contains("notice writes_opened"))
        #expect(labels.last == "record takeover")
        #expect(entries.last?.generation == Generation(2))
    }

    @Test func `counts reasons by kind, and durations by phase`() {
        var story = Story(of: 1)
        story.tell(.activePeersChanged([story.peers[1], story.peers[2]]))
        story.settle()
        story.tell(.writesOpened(Generation(2)))
        let taking = Journal.ReasonCount(weight: .decision, label: "taking_over")
        #expect(story.journal.reasons[taking] == 1)
        #expect(story.journal.roles[.primary] == 1)
        #expect(story.journal.whole.count == 1)
        #expect(story.journal.phases[.promote]?.count == 1)
    }

    @Test func `keeps so many lines, and no more`() {
        var story = Story(of: 1)
        for _ in 0..<Journal.keptEntries {
            story.tell(.storeDisconnected)
            story.tell(.storeConnected(StoreView(state: story.state(), activePeers: story.peers)))
        }
        #expect(story.journal.entries.count == Journal.keptEntries)
        #expect(story.journal.entries.last.map { $0.number > Journal.keptEntries } == true)
    }
}

@Suite("A histogram of durations")
struct DurationHistogramTests {
    @Test func `counts each duration in all buckets that it does not exceed`() {
        var histogram = DurationHistogram()
        histogram.add(.milliseconds(5))
        histogram.add(.milliseconds(30))
        histogram.add(.seconds(1000))
        #expect(histogram.count == 3)
        #expect(histogram.counts.first == 1)
        #expect(histogram.counts[3] == 2)
        #expect(histogram.counts.last == 2)
        #expect(histogram.sum == .milliseconds(1_000_035))
    }
}
