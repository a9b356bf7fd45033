import ManateeCore
import ManateeJournal
import Testing

@testable import ManateeSitter

@Suite("A sitter's diary", .timeLimit(.minutes(1)))
struct SitterDiaryTests {
    /// A step that adds one line.
    private var step: PeerStep {
        let peer = Peer(
            id: PeerID("a:5432:12345"),
            ip: "a",
            postgresURL: "tcp://postgres@a:5432/postgres",
            zoneID: "a",
            backupURL: nil
        )
        let view = PeerMachine(PeerMachine.Configuration(peer: peer)).view
        return PeerStep(
            event: .storeDisconnected,
            actions: [.report(.storeAway)],
            before: view,
            after: view,
            moment: Moment(Instant(), wall: WallTime(milliseconds: 0))
        )
    }

    private func numbers(_ entries: AsyncStream<JournalEntry>) async -> [Int] {
        var numbers: [Int] = []
        for await entry in entries { numbers.append(entry.number) }
        return numbers
    }

    @Test func `tells followers what they missed, and what is new`() async {
        var diary = SitterDiary(epoch: WallTime(milliseconds: 0))
        for _ in 0..<3 { diary.observe(step) }
        let (all, some, new) = (
            diary.follow(after: 0), diary.follow(after: 2), diary.follow(after: nil)
        )
        diary.observe(step)
        diary.close()
        #expect(await numbers(all) == [1, 2, 3, 4])
        #expect(await numbers(some) == [3, 4])
        #expect(await numbers(new) == [4])
    }

    @Test func `drops a follower that does not keep up`() async {
        var diary = SitterDiary(epoch: WallTime(milliseconds: 0))
        let slow = diary.follow(after: nil)
        for _ in 0..<(Journal.keptEntries + 10) { diary.observe(step) }
        // The stream has ended although the diary goes on.
        #expect(await numbers(slow).count == Journal.keptEntries)
    }
}
