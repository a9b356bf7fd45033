import ManateeCore
import ManateeJournal
import Testing

@Suite("A record of a role change")
struct RoleChangeRecordTests {
    /// A takeover by b: 2000 ms until the election tells, 10 to stop, 5 to remember, 8 to write, 150 to
    /// promote, 40 until the sync streams, 3 until clients are admitted.
    private func takeover() throws -> RoleChangeRecord {
        var story = Story(of: 1)
        #expect(story.view.role == .sync)
        story.notice(DetectionCause("the stream from the primary ended"))
        story.wait(2000)
        story.tell(.activePeersChanged([story.peers[1], story.peers[2]]))
        #expect(story.answer { $0.isStop })
        story.wait(10)
        story.answer()
        #expect(story.answer { $0.isWrite })
        story.wait(13)
        story.answer()
        #expect(story.answer { $0.isConfigure })
        story.wait(150)
        story.settle()
        story.wait(40)
        story.attach(2)
        story.wait(3)
        story.tell(.writesOpened(Generation(2)))
        return try #require(story.journal.records.last)
    }

    @Test func `of a takeover has every phase, and they add up to the whole`() throws {
        let record = try takeover()
        #expect(record.kind == .takeover)
        #expect(record.role == .primary)
        #expect(record.generation == Generation(2))
        #expect(
            record.segments == [
                .init(.detect, .milliseconds(2000)), .init(.fence, .milliseconds(10)),
                .init(.decide, .milliseconds(13)), .init(.promote, .milliseconds(150)),
                .init(.attach, .milliseconds(40)), .init(.open, .milliseconds(3)),
            ]
        )
        #expect(record.whole == .milliseconds(2216))
        #expect(FailoverPhase.allCases.reduce(.zero) { $0 + record.total(of: $1) } == record.whole)
    }

    @Test func `names its signs in the order in which they were noticed`() throws {
        let record = try takeover()
        #expect(
            record.signs == [
                .init(DetectionCause("the stream from the primary ended"), after: .zero),
                .init(.primaryLeft, after: .milliseconds(2000)),
            ]
        )
        #expect(record.began == WallTime(milliseconds: 1_000_000))
    }

    @Test func `begins at the earliest sign, though it was told later and dated back`() throws {
        var story = Story(of: 1)
        story.wait(5000)
        story.notice(DetectionCause("silence"), ago: .seconds(3))
        story.tell(.activePeersChanged([story.peers[1], story.peers[2]]))
        story.settle()
        story.tell(.writesOpened(Generation(2)))
        let record = try #require(story.journal.records.last)
        #expect(record.total(of: .detect) == .seconds(3))
        #expect(record.began == WallTime(milliseconds: 1_002_000))
    }

    /// The record of a takeover by b that begins 2000 ms after `seen`, which comes 700 ms after a beat.
    private func takeover(
        after seen: Observation,
        then: [Observation] = []
    ) throws -> RoleChangeRecord {
        var story = Story(of: 1)
        let a = story.peers[0].id
        let word = PeerWord(postgres: .serving, generation: Generation(1), opened: Generation(1))
        story.tell(.observed(a, .beat(word)))
        story.wait(700)
        for seen in [seen] + then { story.tell(.observed(a, seen)) }
        story.wait(2000)
        story.tell(.activePeersChanged([story.peers[1], story.peers[2]]))
        story.settle()
        story.tell(.writesOpened(Generation(2)))
        return try #require(story.journal.records.last)
    }

    @Test func `begins when the stream of beats broke off`() throws {
        let record = try takeover(after: .streamLost)
        #expect(record.total(of: .detect) == .milliseconds(2000))
        #expect(record.signs.first == .init(.streamLost, after: .zero))
    }

    @Test func `begins when both ports refuse`() throws {
        let record = try takeover(after: .knocked(sitter: .refused, postgres: .refused))
        #expect(record.total(of: .detect) == .milliseconds(2000))
        #expect(record.signs.first == .init(.refused, after: .zero))
    }

    @Test func `begins with the last answer if only the sitter was gone at first`() throws {
        var story = Story(of: 1)
        let a = story.peers[0].id
        let word = PeerWord(postgres: .serving, generation: Generation(1), opened: Generation(1))
        story.tell(.observed(a, .beat(word)))
        story.tell(.observed(a, .streamLost))
        story.tell(.observed(a, .knocked(sitter: .refused, postgres: .answered)))
        story.wait(100)
        story.tell(.observed(a, .knocked(sitter: .refused, postgres: .refused)))
        story.wait(300)
        story.tell(.activePeersChanged([story.peers[1], story.peers[2]]))
        story.settle()
        story.tell(.writesOpened(Generation(2)))
        let record = try #require(story.journal.records.last)
        #expect(record.total(of: .detect) == .milliseconds(400))
        #expect(record.signs.first == .init(.refused, after: .zero))
    }

    @Test func `begins with the last sign of life if the other one went silent`() throws {
        let record = try takeover(after: .knocked(sitter: .silent, postgres: .silent))
        #expect(record.total(of: .detect) == .milliseconds(2700))
        #expect(record.signs.first == .init(.silence, after: .zero))
    }

    @Test func `does not begin before the stream of beats broke off, though ports are silent then`()
        throws
    {
        let record = try takeover(
            after: .streamLost,
            then: [.knocked(sitter: .silent, postgres: .refused)]
        )
        #expect(record.total(of: .detect) == .milliseconds(2000))
        #expect(record.signs.map(\.cause) == [.streamLost, .silence, .primaryLeft])
    }

    @Test func `begins with the other one's own word`() throws {
        let ended = PeerWord(
            postgres: .ended("it exited"),
            generation: Generation(1),
            opened: Generation(1)
        )
        let record = try takeover(after: .beat(ended))
        #expect(record.total(of: .detect) == .milliseconds(2000))
        #expect(record.signs.first == .init(.ownWord, after: .zero))
    }

    @Test func `takes nothing for a sign that a later answer took back`() throws {
        let record = try takeover(
            after: .streamLost,
            then: [.knocked(sitter: .refused, postgres: .answered)]
        )
        #expect(record.total(of: .detect) == .zero)
        #expect(record.signs == [.init(.primaryLeft, after: .zero)])
    }

    @Test func `counts the wait for an operator as deciding, and says what stood in the way`()
        throws
    {
        var story = Story(of: 1)
        let frozen = story.state(version: 1) { $0.freeze = .bare(.boolean(true)) }
        story.tell(.clusterStateChanged(frozen))
        story.tell(.activePeersChanged([story.peers[1], story.peers[2]]))
        story.settle()
        #expect(story.journal.records.isEmpty)
        story.wait(60_000)
        story.tell(.clusterStateChanged(story.state(version: 2)))
        story.settle()
        story.tell(.writesOpened(Generation(2)))
        let record = try #require(story.journal.records.last)
        #expect(record.total(of: .decide) == .seconds(60))
        #expect(record.obstacles.count == 1)
        #expect(record.obstacles[0].hasPrefix("cannot take over: the cluster is frozen"))
    }

    @Test func `is not made of a failure that mends itself`() throws {
        var story = Story(of: 1)
        let frozen = story.state(version: 1) { $0.freeze = .bare(.boolean(true)) }
        story.tell(.clusterStateChanged(frozen))
        story.tell(.activePeersChanged([story.peers[1], story.peers[2]]))
        story.settle()
        story.wait(1000)
        story.tell(.activePeersChanged(story.peers))
        story.settle()
        // Much later it happens in earnest: the first time does not count.
        story.wait(100_000)
        story.tell(.clusterStateChanged(story.state(version: 2)))
        story.tell(.activePeersChanged([story.peers[1], story.peers[2]]))
        story.settle()
        story.wait(20)
        story.tell(.writesOpened(Generation(2)))
        let record = try #require(story.journal.records.last)
        #expect(record.whole == .milliseconds(20))
        #expect(record.obstacles == [])
    }

    @Test func `of another sync is kept by the primary`() throws {
        var story = Story(of: 0)
        story.tell(.writesOpened(Generation(1)))
        story.tell(.activePeersChanged([story.peers[0], story.peers[2]]))
        #expect(story.answer { $0.isStop })
        story.wait(7)
        story.settle()
        story.wait(30)
        story.tell(.writesOpened(Generation(2)))
        let record = try #require(story.journal.records.last)
        #expect(record.kind == .newSync)
        #expect(record.signs.map(\.cause) == [.syncLeft])
        #expect(record.total(of: .fence) == .milliseconds(7))
        #expect(record.total(of: .attach) == .milliseconds(30))
        #expect(record.whole == .milliseconds(37))
    }

    @Test func `of a standby's new place ends when its postgres follows`() throws {
        var story = Story(of: 2)
        #expect(story.view.role == .async)
        let next = story.state(2, primary: 1, sync: 2, async: [], version: 1) {
            $0.initWAL = LSN(200)
            $0.timeline = TimelineID(2)
        }
        story.tell(.clusterStateChanged(next))
        #expect(story.view.role == .sync)
        #expect(story.answer { $0.isConfigure })
        story.wait(55)
        story.settle()
        let record = try #require(story.journal.records.last)
        #expect(record.kind == .follow)
        #expect(record.role == .sync)
        #expect(record.segments == [.init(.attach, .milliseconds(55))])
        // It is none of those that made this peer primary.
        #expect(story.journal.whole.count == 0)
    }

    @Test func `of a takeover counts though the peer had only just become sync`() throws {
        var story = Story(of: 2)
        let next = story.state(2, primary: 1, sync: 2, async: [0], version: 1)
        story.tell(.clusterStateChanged(next))
        // Its postgres is not told to follow yet when the new primary goes.
        story.tell(.activePeersChanged([story.peers[2], story.peers[0]]))
        story.wait(30)
        story.settle()
        story.tell(.writesOpened(Generation(3)))
        let record = try #require(story.journal.records.last)
        #expect(record.kind == .takeover)
        #expect(record.signs.map(\.cause) == [.primaryLeft])
        #expect(record.whole == .milliseconds(30))
    }

    @Test func `forgets old signs, and those that were taken back`() throws {
        var story = Story(of: 1)
        story.notice(DetectionCause("a hiccup"))
        story.wait(61_000)
        story.tell(.activePeersChanged([story.peers[1], story.peers[2]]))
        story.settle()
        story.tell(.writesOpened(Generation(2)))
        #expect(try #require(story.journal.records.last).whole == .zero)
    }

    @Test func `is told on one line`() throws {
        #expect(
            try takeover().summary
                == "takeover in generation 2 took 2216 ms: detect 2000 ms, fence 10 ms, decide 13 ms, "
                + "promote 150 ms, attach 40 ms, open 3 ms"
        )
    }
}
