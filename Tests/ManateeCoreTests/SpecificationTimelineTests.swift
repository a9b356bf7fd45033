import ManateeCore
import Testing

/// A timeline is declared with the generation, so that no two peers ever start the same one.
@Suite("Specification: timelines")
struct SpecificationTimelineTests {
    /// The first state that n1 writes after its primary n2 has gone, following `setting`.
    private func takeover(after setting: String) throws -> ClusterState {
        var world = try World.after(
            """
            addpeer n2 n1 n3
            bootstrap n2 n1
            startPeer
            """
        )
        try world.execute(lines: setting)
        try world.execute("rmpeer n2")
        return try #require(world.written.first)
    }

    @Test func `a takeover declares the timeline after its own`() throws {
        let state = try takeover(after: "")
        #expect(state.initTimeline == TimelineID(1))
        #expect(state.timeline == TimelineID(2))
    }

    @Test func `a takeover passes over a timeline that an earlier primary declared`() throws {
        var world = try World.after(
            """
            addpeer n2 n1 n3
            bootstrap n2 n1
            startPeer
            """
        )
        var declared = try #require(world.stored?.state)
        declared.generation = declared.generation.next
        declared.timeline = TimelineID(7)
        world.put(declared)
        world.tellState()
        world.settle()
        try world.execute("rmpeer n2")
        let state = try #require(world.written.first)
        #expect(state.timeline == TimelineID(8))
        #expect(
            world.configured.last
                == .primary(
                    .init(
                        generation: Generation(3),
                        sync: World.peer("n3"),
                        timeline: TimelineID(8)
                    )
                )
        )
    }

    @Test func `a primary that replaces its sync stays on its timeline`() throws {
        var world = try World.after(
            """
            addpeer n1 n2 n3
            bootstrap
            startPeer
            """
        )
        try world.execute("rmpeer n2")
        let state = try #require(world.written.first)
        #expect(state.generation == Generation(2))
        #expect(state.timeline == state.initTimeline)
    }

    @Test func `R40: a sync takes a present peer that nobody listed when its primary is gone`()
        throws
    {
        let state = try takeover(
            after: """
                rmpeer n3
                setstate generation=1 primary=n2 sync=n1 start=0/0@1
                addpeer n4
                setstate generation=1 primary=n2 sync=n1 start=0/0@1
                """
        )
        #expect(state.sync == World.peer("n4"))
        #expect(state.async.isEmpty)
    }

    @Test(arguments: [true, false])
    func `S10: a state is followed only if the own reign led to it`(isOwnPast: Bool) throws {
        var world = try World.after(
            """
            addpeer n2 n1 n3
            bootstrap n2 n1
            startPeer
            """
        )
        var led = try #require(world.stored?.state)
        var past = led.reign
        if !isOwnPast { past.primary = World.peer("n3").id }
        led.generation = led.generation.next
        led.primary = World.peer("n3")
        led.sync = World.peer("n2")
        led.async = [World.peer("n1")]
        led.reigns = [past, led.reign]
        world.put(led)
        world.tellState()
        world.settle()
        #expect(world.role == (isOwnPast ? .async : .sync))
    }
}
