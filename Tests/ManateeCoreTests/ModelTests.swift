import ManateeCore
import Testing

@Suite("A log position")
struct LSNTests {
    @Test(arguments: [
        ("0/0", 0, "0/0"), ("0/00000000", 0, "0/0"), ("16/B374D848", 0x16_B374_D848, "16/B374D848"),
        ("ffffffff/ffffffff", UInt64.max, "FFFFFFFF/FFFFFFFF"), ("0/0000000", 0, "0/0"),
    ])
    func `is read and printed as PostgreSQL does`(
        _ text: String,
        _ bytes: UInt64,
        _ printed: String
    ) {
        #expect(LSN(text)?.bytes == bytes)
        #expect(LSN(bytes).description == printed)
    }

    @Test(arguments: [
        "", "/", "0", "0/", "/0", "0/0/0", "0/G", "0/123456789", "-1/0", " 0/0", "+1/0",
    ])
    func `is nothing else`(_ text: String) {
        #expect(LSN(text) == nil)
    }

    @Test func `tells by how much it is ahead`() {
        #expect(LSN(10).ahead(of: LSN(4)) == 6)
        #expect(LSN(4).ahead(of: LSN(10)) == 0)
    }
}

@Suite("A sample of the log")
struct WALSampleTests {
    private let sample = WALSample(
        end: WALPosition(timeline: TimelineID(3), lsn: LSN(0x30)),
        history: TimelineHistory([
            .init(timeline: TimelineID(1), end: LSN(0x10)),
            .init(timeline: TimelineID(2), end: LSN(0x20)),
        ])
    )

    @Test(arguments: [
        (3, 0x30, true), (3, 0x31, false), (2, 0x20, true), (2, 0x21, false), (1, 0x10, true),
        (1, 0x11, false), (4, 0, false),
    ])
    func `contains what lies on its line of timelines`(
        _ timeline: UInt32,
        _ lsn: UInt64,
        _ contained: Bool
    ) {
        let position = WALPosition(timeline: TimelineID(timeline), lsn: LSN(lsn))
        #expect(sample.contains(position) == contained)
    }
}

@Suite("A cluster state")
struct ClusterStateTests {
    private func state() -> ClusterState {
        ClusterState(
            generation: Generation(3),
            primary: World.peer("n1"),
            sync: World.peer("n2"),
            async: [World.peer("n3")],
            deposed: [World.peer("n4")],
            initWAL: .zero
        )
    }

    @Test func `is sound if everybody has one place`() {
        #expect(state().problems == [])
    }

    @Test func `needs a sync unless it is in one-node-write mode`() {
        var state = state()
        state.sync = nil
        #expect(state.problems == ["it has no sync although it is not in one-node-write mode"])
        state.oneNodeWriteMode = true
        #expect(state.problems == [])
    }

    @Test func `has no negative generation`() {
        var state = state()
        state.generation = Generation(-1)
        #expect(state.problems == ["its generation is -1"])
    }

    @Test func `has a generation and a timeline that others can follow`() {
        var state = state()
        state.generation = Generation(.max)
        #expect(state.problems == ["its generation is 9223372036854775807"])
        state.generation = Generation(1)
        state.timeline = TimelineID(.max)
        #expect(state.problems == ["its timeline is 4294967295, after which there is none"])
        state.timeline = nil
        state.initTimeline = TimelineID(.max)
        #expect(state.problems.count == 1)
    }

    @Test func `gives nobody two places`() {
        var state = state()
        state.async = [World.peer("n1"), World.peer("n5"), World.peer("n5")]
        state.deposed = [World.peer("n2")]
        #expect(
            state.problems == [
                "it lists n1 as primary and as async",
                "it lists n2 as sync and as deposed",
                "it lists n5 as async and as async",
            ]
        )
    }
}

@Suite("A reason")
struct ReasonTests {
    @Test func `speaks to an operator with the numbers`() {
        let reason = Reason.notCaughtUp(
            .takeOver,
            own: WALPosition(timeline: TimelineID(1), lsn: LSN(5)),
            needed: LSN(0xA),
            timeline: TimelineID(2),
            since: Generation(7)
        )
        #expect(
            reason.description == """
                cannot take over: the own log ends at 0/5 on timeline 1, but generation 7 began \
                at 0/A on timeline 2, so acknowledged writes may be missing here; wait for the \
                primary to return
                """
        )
    }

    @Test func `says who froze the shard, when and why`() {
        let freeze = Freeze.explained([
            "date": .string("2026-01-02T03:04:05Z"), "reason": .string("moving racks"),
        ])
        #expect(
            Reason.frozen(.takeOver, freeze).description
                == "cannot take over: the cluster is frozen since 2026-01-02T03:04:05Z: moving racks"
        )
        #expect(
            Reason.frozen(.replaceSync, .bare(.boolean(true))).description
                == "cannot replace the sync: the cluster is frozen"
        )
    }
}
