import ManateeCore
import Testing

/// One test per sentence of the safety rules, as `docs/internals/state-machine.md` numbers them.
@Suite("Specification: safety")
struct SpecificationSafetyTests {
    // MARK: S1

    @Test func `S1: every write expects the real version, 0 included`() throws {
        let world = try World.after(World.primary, "rmpeer n3\naddpeer n3")
        #expect(world.expected == [StateVersion(0), StateVersion(1)])
    }

    @Test func `S1: a lost reply is settled by content, as an own write`() throws {
        let world = try World.after(World.sync, "loseReply applied\nrmpeer n2")
        #expect(world.role == .primary)
        #expect(world.kinds == ["stop", "remember", "write", "read", "configure"])
    }

    @Test func `S1: a lost reply is settled by content, as somebody else's write`() throws {
        let world = try World.after(
            World.sync,
            """
            deaf
            pause store
            loseReply dropped
            rmpeer n2
            setstate generation=2 primary=n2 sync=n3 async=n1 start=0/A@1
            resume store
            """
        )
        #expect(world.role == .async)
        #expect(world.written.count == 1)
    }

    @Test func `S1: an own write is recognised in a change that is noticed before the reply`()
        throws
    {
        var world = try World.after(World.sync)
        world.asked = []
        try world.execute(lines: "pause store\nrmpeer n2")
        let proposal = try #require(world.written.first)
        world.put(proposal)
        world.tellState()
        world.settle()
        #expect(world.role == .primary)
        try world.execute("resume store")
        #expect(world.role == .primary)
        #expect(world.written.count == 1)
    }

    @Test func `S1: the configuration follows from the state, whoever wrote it`() throws {
        // The new generation is this peer's own as far as the state tells, but it never wrote it.
        let world = try World.after(
            World.primary,
            "setstate generation=2 primary=n1 sync=n3 async=n2 start=0/A@1"
        )
        let target = PostgresConfiguration.primary(
            .init(generation: Generation(2), sync: World.peer("n3"))
        )
        #expect(world.configured == [target])
    }

    @Test func `S1: a write that an ended process sent cannot take effect late`() throws {
        let world = try World.after(
            World.sync,
            """
            pause store
            rmpeer n2
            killPeer
            resume store
            addpeer n2
            startPeer
            ghosts
            """
        )
        #expect(world.role == .sync)
        #expect(world.stored?.state.generation == Generation(1))
        #expect(world.stored?.version == StateVersion(1))
    }

    @Test func `S1: no postgres is started before an ended process's write is settled`() throws {
        let world = try World.after(
            World.sync,
            """
            pause store
            rmpeer n2
            killPeer
            addpeer n2
            startPeer
            """
        )
        #expect(world.kinds.suffix(1) == ["write"])
    }

    @Test func `S1: while that cannot be settled, postgres stays as it is`() throws {
        var world = try World.after(
            World.sync,
            """
            pause store
            rmpeer n2
            killPeer
            resume store
            addpeer n2
            failWrite quota exceeded
            startPeer
            """
        )
        world.asked = []
        try world.execute("stopStore")
        #expect(world.configured.isEmpty)
        try world.execute(lines: "startStore\nwait 1")
        #expect(world.kinds.filter { $0 != "remember" } == ["write", "configure"])
    }

    // MARK: S2

    @Test func `S2: an async declares nothing, whoever is gone`() throws {
        let world = try World.after("addpeer n2 n3 n1\nbootstrap\nstartPeer", "rmpeer n2 n3")
        #expect(world.written.isEmpty && world.stops.isEmpty)
    }

    @Test func `S2: every declared generation names the declarer as primary`() throws {
        let takeover = try World.after(World.sync, "rmpeer n2")
        let newSync = try World.after(World.primary, "rmpeer n2")
        #expect(takeover.written.map(\.primary) == [World.n1])
        #expect(newSync.written.map(\.primary) == [World.n1])
    }

    // MARK: S3

    @Test func `S3: a sync detaches before it samples, and declares after`() throws {
        let world = try World.after(World.sync, "rmpeer n2")
        #expect(world.stops == [.detachFromUpstream])
        #expect(world.kinds == ["stop", "remember", "write", "configure"])
    }

    @Test func `S3: a primary fences off the old sync before it samples`() throws {
        let world = try World.after(World.primary, "rmpeer n2")
        #expect(world.stops == [.fence(replacing: World.peer("n2"))])
        #expect(world.kinds == ["stop", "remember", "write", "configure"])
    }

    @Test func `S3: the generation begins at the end of the sample, on its timeline`() throws {
        let world = try World.after(World.sync, "disk log 0/77@1\nrmpeer n2")
        #expect(
            world.written.first?.start
                == WALPosition(timeline: TimelineID(1), lsn: LSN(0x77))
        )
    }

    @Test func `S3: a declaration that fails is undone`() throws {
        let world = try World.after(World.primary, "failWrite quota exceeded\nrmpeer n2")
        let old = PostgresConfiguration.primary(
            .init(generation: Generation(1), sync: World.peer("n2"))
        )
        #expect(world.configured == [old])
        #expect(world.memory.proposed == nil)
    }

    @Test func `S3: a conflict undoes the step at once`() throws {
        let world = try World.after(World.primary, "deaf\nrace freeze x\nfailRead away\nrmpeer n2")
        #expect(world.kinds == ["stop", "remember", "write", "read", "configure"])
    }

    @Test func `S3: acknowledgements stay stopped while a write is in doubt`() throws {
        var world = try World.after(World.sync, "deaf\nloseReply dropped\nfailRead away\nrmpeer n2")
        try world.execute(lines: "losePostgres crashed\nstopStore\nwait 7")
        #expect(world.configured.isEmpty)
        #expect(world.role == .sync)
        try world.execute("startStore")
        #expect(world.configured.count == 1)
    }

    @Test func `S3: postgres lost between sample and write ends the attempt`() throws {
        let world = try World.after(World.sync, "pause memory\nrmpeer n2\nlosePostgres crashed")
        #expect(world.written.isEmpty)
        #expect(world.configured.count == 1)
    }

    // MARK: S4

    @Test func `S4: a sync that has not reached the generation's start does not take over`() throws
    {
        let setting = """
            addpeer n2 n1 n3
            setstate generation=7 primary=n2 sync=n1 async=n3 start=0/A@1
            startPeer
            """
        let world = try World.after(setting, "disk log 0/5@1\nrmpeer n2")
        #expect(world.written.isEmpty)
        #expect(
            world.reasons.contains(
                .notCaughtUp(
                    .takeOver,
                    own: WALPosition(timeline: TimelineID(1), lsn: LSN(5)),
                    needed: LSN(0xA),
                    timeline: TimelineID(1),
                    since: Generation(7)
                )
            )
        )
    }

    @Test func `S4: a higher position on another timeline does not count`() throws {
        let setting = """
            addpeer n2 n1 n3
            setstate generation=7 primary=n2 sync=n1 async=n3 start=0/A@3
            startPeer
            """
        let world = try World.after(setting, "disk log 0/FF@2\nrmpeer n2")
        #expect(world.written.isEmpty)
    }

    @Test(arguments: [("0/9", 0), ("0/A", 1)])
    func `S4: without a timeline the positions alone are compared`(
        _ lsn: String,
        _ writes: Int
    ) throws {
        let setting = """
            addpeer n2 n1 n3
            setstate generation=7 primary=n2 sync=n1 async=n3 start=0/A@
            startPeer
            """
        let world = try World.after(setting, "disk log \(lsn)@2\nrmpeer n2")
        #expect(world.written.count == writes)
    }

    // MARK: S5 and S6

    @Test func `S5: the sync carries the first async as successor, other standbys the fence`()
        throws
    {
        let sync = try World.after(World.sync)
        let async = try World.after("addpeer n2 n3 n1 n4\nbootstrap\nstartPeer")
        #expect(sync.configured.map(\.successor) == [World.peer("n3")])
        #expect(async.configured.map(\.successor) == [nil])
    }

    @Test func `S6: a new sync is named only after the declaration was written`() throws {
        let world = try World.after(World.primary, "pause store\nrmpeer n2")
        #expect(world.kinds == ["stop", "remember", "write"])
    }
}

extension PostgresConfiguration {
    fileprivate var successor: Peer? {
        if case .standby(let standby) = self { standby.successor } else { nil }
    }
}
