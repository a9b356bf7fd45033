import ManateeCore
import Testing

/// One test per sentence of the safety rules, as `docs/internals/state-machine.md` numbers them.
@Suite("Specification: safety")
struct SpecificationSafetyTests {
    static let sync = """
        addpeer n2 n1 n3
        bootstrap n2 n1
        startPeer
        """
    static let primary = """
        addpeer n1 n2 n3
        bootstrap
        startPeer
        """

    private func world(_ setting: String, _ script: String) throws -> World {
        var world = try World.after(setting)
        world.asked = []
        try world.execute(lines: script)
        return world
    }

    // MARK: S1

    @Test func `S1: every write expects the real version, 0 included`() throws {
        let world = try world(Self.primary, "rmpeer n3\naddpeer n3")
        #expect(world.expected == [StateVersion(0), StateVersion(1)])
    }

    @Test func `S1: a lost reply is settled by content, as an own write`() throws {
        let world = try world(Self.sync, "loseReply applied\nrmpeer n2")
        #expect(world.role == .primary)
        #expect(world.kinds == ["stop", "remember", "write", "read", "configure"])
    }

    @Test func `S1: a lost reply is settled by content, as somebody else's write`() throws {
        let world = try world(
            Self.sync,
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
        var world = try World.after(Self.sync)
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
        let world = try world(
            Self.primary,
            "setstate generation=2 primary=n1 sync=n3 async=n2 start=0/A@1"
        )
        let target = PostgresConfiguration.primary(
            .init(generation: Generation(2), sync: World.peer("n3"))
        )
        #expect(world.configured == [target])
    }

    @Test func `S1: a write that an ended process sent cannot take effect late`() throws {
        let world = try world(
            Self.sync,
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
        let world = try world(
            Self.sync,
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
        var world = try world(
            Self.sync,
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
        let world = try world("addpeer n2 n3 n1\nbootstrap\nstartPeer", "rmpeer n2 n3")
        #expect(world.written.isEmpty && world.stops.isEmpty)
    }

    @Test func `S2: every declared generation names the declarer as primary`() throws {
        let takeover = try world(Self.sync, "rmpeer n2")
        let newSync = try world(Self.primary, "rmpeer n2")
        #expect(takeover.written.map(\.primary) == [World.n1])
        #expect(newSync.written.map(\.primary) == [World.n1])
    }

    // MARK: S3

    @Test func `S3: a sync detaches before it samples, and declares after`() throws {
        let world = try world(Self.sync, "rmpeer n2")
        #expect(world.stops == [.detachFromUpstream])
        #expect(world.kinds == ["stop", "remember", "write", "configure"])
    }

    @Test func `S3: a primary fences off the old sync before it samples`() throws {
        let world = try world(Self.primary, "rmpeer n2")
        #expect(world.stops == [.fence(replacing: World.peer("n2"))])
        #expect(world.kinds == ["stop", "remember", "write", "configure"])
    }

    @Test func `S3: the generation begins at the end of the sample, on its timeline`() throws {
        let world = try world(Self.sync, "disk log 0/77@1\nrmpeer n2")
        #expect(
            world.written.first?.start
                == WALPosition(timeline: TimelineID(1), lsn: LSN(0x77))
        )
    }

    @Test func `S3: a declaration that fails is undone`() throws {
        let world = try world(Self.primary, "failWrite quota exceeded\nrmpeer n2")
        let old = PostgresConfiguration.primary(
            .init(generation: Generation(1), sync: World.peer("n2"))
        )
        #expect(world.configured == [old])
        #expect(world.memory.proposed == nil)
    }

    @Test func `S3: a conflict undoes the step at once`() throws {
        let world = try world(Self.primary, "deaf\nrace freeze x\nfailRead away\nrmpeer n2")
        #expect(world.kinds == ["stop", "remember", "write", "read", "configure"])
    }

    @Test func `S3: acknowledgements stay stopped while a write is in doubt`() throws {
        var world = try world(Self.sync, "deaf\nloseReply dropped\nfailRead away\nrmpeer n2")
        try world.execute(lines: "losePostgres crashed\nstopStore\nwait 7")
        #expect(world.configured.isEmpty)
        #expect(world.role == .sync)
        try world.execute("startStore")
        #expect(world.configured.count == 1)
    }

    @Test func `S3: postgres lost between sample and write ends the attempt`() throws {
        let world = try world(Self.sync, "pause memory\nrmpeer n2\nlosePostgres crashed")
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
        let world = try world(setting, "disk log 0/5@1\nrmpeer n2")
        #expect(world.written.isEmpty)
        #expect(
            world.reasons.contains(
                .notCaughtUp(
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
        let world = try world(setting, "disk log 0/FF@2\nrmpeer n2")
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
        let world = try world(setting, "disk log \(lsn)@2\nrmpeer n2")
        #expect(world.written.count == writes)
    }

    // MARK: S5 and S6

    @Test func `S5: the sync carries the first async as successor, other standbys the fence`()
        throws
    {
        let sync = try World.after(Self.sync)
        let async = try World.after("addpeer n2 n3 n1 n4\nbootstrap\nstartPeer")
        #expect(sync.configured.map(\.successor) == [World.peer("n3")])
        #expect(async.configured.map(\.successor) == [nil])
    }

    @Test func `S6: a new sync is named only after the declaration was written`() throws {
        let world = try world(Self.primary, "pause store\nrmpeer n2")
        #expect(world.kinds == ["stop", "remember", "write"])
    }

    // MARK: S7

    @Test func `S7: a sync whose postgres has not been configured does not take over`() throws {
        let world = try World.after(
            """
            addpeer n2 n1 n3
            bootstrap n2 n1
            pause postgres
            startPeer
            rmpeer n2
            """
        )
        #expect(world.stops.isEmpty)
        #expect(world.reasons.contains(.postgresNotReady(.takeOver)))
    }

    @Test func `S7: a primary without a database ends instead of creating an empty one`() throws {
        let world = try world(Self.primary, "killPeer\ndisk empty\nstartPeer")
        #expect(world.failure == .databaseLost(Generation(1)))
        #expect(world.configured.isEmpty)
    }

    @Test func `S7: a deposed peer comes back only once it streams`() throws {
        let world = try World.after(
            "addpeer n1 n2 n3\nbootstrap\ndepose\npause postgres\nstartPeer\nwait 60"
        )
        #expect(world.role == .deposed)
        #expect(world.written.isEmpty)
        #expect(world.configured.map(\.mustStream) == [true])
    }

    @Test func `S7: the database of another shard ends the process untouched`() throws {
        let world = try world(Self.sync, "killPeer\ndisk foreign\nstartPeer")
        #expect(world.configured.isEmpty)
        guard case .foreignDatabase = world.failure else {
            Issue.record("\(String(describing: world.failure))")
            return
        }
    }

    // MARK: S10

    @Test func `S10: without the store nothing is declared and nothing touched`() throws {
        let world = try world(Self.primary, "stopStore\nwait 60\nstartStore")
        #expect(world.kinds.isEmpty)
    }

    @Test(arguments: ["primary", "sync", "async"])
    func `S10: a peer that starts without the store acts as it remembers`(_ role: String) throws {
        let first = ["primary": "n1 n2", "sync": "n2 n1", "async": "n2 n3"][role] ?? ""
        var world = try World.after(
            """
            addpeer n1 n2 n3
            bootstrap \(first)
            startPeer
            killPeer
            stopStore
            """
        )
        world.asked = []
        try world.execute(lines: "startPeer\nwait 9")
        #expect(world.kinds.isEmpty)
        try world.execute("wait 1")
        #expect(world.kinds == ["configure"])
        #expect(world.role?.rawValue == role)
    }

    @Test func `S10: a peer that starts without the store and in doubt stays stopped`() throws {
        let world = try world(
            Self.sync,
            "pause store\nrmpeer n2\nkillPeer\nstopStore\nstartPeer\nwait 60"
        )
        #expect(world.configured.isEmpty)
        #expect(world.reasons.last == .proposalInDoubt(Generation(2)))
    }

    @Test func `S10: a store that is empty or older is refused until it shows what is known`()
        throws
    {
        var world = try World.after(Self.sync + "\ndepose\nstopStore\nwipeStore")
        world.asked = []
        try world.execute("startStore")
        try world.execute("setstate generation=1 primary=n2 sync=n1 async=n3")
        #expect(world.kinds.isEmpty)
        #expect(world.role == .primary)
        try world.execute("setstate generation=3 primary=n2 sync=n3 async=n1 start=0/F@2")
        #expect(world.role == .async)
    }

    @Test func `S10: another state of the same generation at a lower version is an older store's`()
        throws
    {
        var world = try World.after(Self.primary + "\nrmpeer n3\nstopStore\nwipeStore")
        world.asked = []
        try world.execute("setstate generation=1 primary=n1 sync=n2 async=n4")
        try world.execute("startStore")
        #expect(world.kinds.isEmpty)
        #expect(world.machine?.view.state?.state.async == [])
    }

    @Test func `S10: a late notice of an older state does not raise an alarm`() throws {
        var world = try World.after(Self.primary)
        let old = world.stored
        try world.execute("rmpeer n3")
        world.asked = []
        world.queue.append(.clusterStateChanged(old))
        world.settle()
        #expect(world.kinds == ["read"])
        #expect(world.reasons.isEmpty)
    }

    // MARK: S11

    @Test(arguments: [sync, primary])
    func `S11: a frozen shard changes no generation`(_ setting: String) throws {
        let world = try world(setting, "freeze maintenance\nrmpeer n2\nwait 5")
        #expect(world.written.isEmpty && world.stops.isEmpty)
    }

    @Test(arguments: [sync, primary])
    func `S11: a freeze stops a change that is not written yet`(_ setting: String) throws {
        let world = try world(setting, "pause memory\nrmpeer n2\nfreeze x\nresume memory\nwait 5")
        #expect(world.written.isEmpty)
        #expect(world.stored?.state.generation == Generation(1))
    }

    @Test func `S11: freeze, promote and unknown fields survive a change of the asyncs`() throws {
        let world = try World.after(
            """
            addpeer n1 n2
            disk database
            setstate generation=1 primary=n1 sync=n2 async=n3 field=colour promote frozen
            startPeer
            """
        )
        let state = try #require(world.written.first)
        #expect(state.async.isEmpty)
        #expect(state.freeze != nil && state.promote != nil)
        #expect(state.unknownFields == ["colour": .integer(42)])
    }

    @Test func `S11: unknown fields survive a new generation, a request to promote does not`()
        throws
    {
        let world = try World.after(
            """
            addpeer n1 n3
            disk database
            setstate generation=1 primary=n1 sync=n2 async=n3 field=colour promote
            startPeer
            """
        )
        let state = try #require(world.written.first)
        #expect(state.generation == Generation(2))
        #expect(state.promote == nil)
        #expect(state.unknownFields == ["colour": .integer(42)])
    }
}

extension PostgresConfiguration {
    fileprivate var successor: Peer? {
        if case .standby(let standby) = self { standby.successor } else { nil }
    }

    fileprivate var mustStream: Bool {
        if case .standby(let standby) = self { standby.mustStream } else { false }
    }
}
