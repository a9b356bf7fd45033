import ManateeCore
import Testing

/// One test per rule of the original that is kept, as `docs/internals/state-machine.md` numbers them.
@Suite("Specification: rules of the state machine")
struct SpecificationRuleTests {
    private func state(_ script: String) throws -> ClusterState? {
        try World.after(script).stored?.state
    }

    private func peers(_ names: String...) -> [Peer] { names.map { World.peer($0) } }

    // MARK: Setup

    @Test func `R11: only the first peer in election order sets up the shard`() throws {
        #expect(try state("addpeer n9 n1\nstartPeer") == nil)
        #expect(try state("addpeer n1 n9\nstartPeer")?.primary == World.n1)
    }

    @Test func `R11: two peers are needed`() throws {
        #expect(try state("startPeer\nwait 60") == nil)
    }

    @Test func `R11: a database that exists blocks the setup`() throws {
        let world = try World.after("disk database\naddpeer n1 n2\nstartPeer")
        #expect(world.written.isEmpty)
        #expect(world.reasons.contains(.databaseWithoutState(World.database)))
    }

    @Test func `R20: the order of the chain is the order of the election`() throws {
        let state = try #require(try state("addpeer n1 n7 n3 n5\nstartPeer"))
        #expect(state.generation == Generation(1))
        #expect(state.chain == peers("n1", "n7", "n3", "n5"))
        #expect(state.start == WALPosition(timeline: TimelineID(1), lsn: .zero))
        #expect(state.deposed.isEmpty)
    }

    @Test func `R20: one-node-write mode is set up alone and frozen`() throws {
        let state = try #require(try state("startPeer oneNodeWrite\naddpeer n2"))
        #expect(state.sync == nil && state.async.isEmpty)
        #expect(state.oneNodeWriteMode && state.freeze != nil)
    }

    @Test func `R21: a setup that fails is tried again after the back-off`() throws {
        var world = try World.after("addpeer n1 n2\nfailWrite quota\nstartPeer")
        #expect(world.written.count == 1)
        try world.execute("wait 1")
        #expect(world.role == .primary)
    }

    // MARK: Roles

    @Test func `R12: one-node-write mode does not start on a normal shard`() throws {
        let world = try World.after("addpeer n1 n2\nbootstrap\nstartPeer oneNodeWrite")
        #expect(world.failure == .singletonInNormalCluster)
    }

    @Test(arguments: [
        ("primary=n1 sync=n2", PeerRole.primary),
        ("primary=n2 sync=n1", .sync),
        ("primary=n2 sync=n3 async=n4,n1", .async),
        ("primary=n2 sync=n3 deposed=n1", .deposed),
        ("primary=n2 sync=n3", .unassigned),
        ("primary=n2 oneNodeWrite deposed=n1", .unassigned),
    ])
    func `R15: the role follows from the state`(_ fields: String, _ role: PeerRole) throws {
        let world = try World.after(
            """
            disk database
            addpeer n1 n2 n3 n4
            setstate generation=4 \(fields) start=0/A@1
            pause postgres
            startPeer
            """
        )
        #expect(world.role == role)
    }

    @Test func `R17: an async follows the peer before it`() throws {
        var world = try World.after("addpeer n2 n3 n4 n1\nbootstrap\nstartPeer")
        try world.execute("setstate generation=1 primary=n2 sync=n3 async=n1")
        #expect(world.configured.map(\.upstream) == peers("n4", "n3"))
        try world.execute("setstate generation=1 primary=n2 sync=n3")
        #expect(world.role == .unassigned)
        #expect(world.configured.last == .stopped)
    }

    @Test func `R48: nobody reacts to the loss of the primary in one-node-write mode`() throws {
        let world = try World.after(
            "addpeer n2\nsetstate generation=1 primary=n2 oneNodeWrite\nstartPeer\nrmpeer n2"
        )
        #expect(world.written.isEmpty)
        #expect(world.configured == [.stopped])
    }

    // MARK: Takeover

    @Test func `R40: the candidate is the first listed async that is present`() throws {
        let state = try state("addpeer n2 n1 n3 n4\nbootstrap n2 n1\nstartPeer\nrmpeer n3 n2")
        #expect(state?.sync == World.peer("n4"))
        #expect(state?.deposed == peers("n2"))
    }

    @Test func `R40: without a present async nothing is touched`() throws {
        let world = try World.after("addpeer n2 n1\nbootstrap n2 n1\nstartPeer\nrmpeer n2\nwait 9")
        #expect(world.stops.isEmpty)
        #expect(world.reasons.last == .noCandidate(.takeOver, listed: []))
    }

    @Test func `R41: asyncs that are absent are dropped with the same write`() throws {
        let state = try state(
            "addpeer n2 n1 n3 n4 n5\nbootstrap n2 n1\nstartPeer\nrmpeer n4 n2"
        )
        #expect(state?.generation == Generation(2))
        #expect(state?.async == peers("n5"))
    }

    @Test func `R42: a primary that replaces its sync deposes nobody`() throws {
        let state = try state("addpeer n1 n2 n3\nbootstrap\nstartPeer\nrmpeer n2")
        #expect(state?.sync == World.peer("n3"))
        #expect(state?.deposed == [])
    }

    @Test func `R44: each attempt waits for the back-off and is explained once`() throws {
        let world = try World.after(
            """
            addpeer n2 n1 n3
            setstate generation=7 primary=n2 sync=n1 async=n3 start=0/A@1
            startPeer
            rmpeer n2
            wait 5
            """
        )
        #expect(world.stops.count == 6)
        let refusals = world.reasons.filter {
            if case .notCaughtUp = $0 { true } else { false }
        }
        #expect(refusals.count == 1)
    }

    @Test func `R43: a state that changed meanwhile is looked at anew before anything is written`()
        throws
    {
        let world = try World.after(
            """
            addpeer n2 n1 n3 n4
            bootstrap n2 n1
            startPeer
            pause memory
            rmpeer n2
            setstate generation=1 primary=n2 sync=n1 async=n4,n3
            resume memory
            """
        )
        #expect(world.reasons.contains(.abandoned(.takeOver, .stateChanged)))
        #expect(world.written.map(\.sync) == [World.peer("n4")])
    }

    @Test func `R44: the primary's return ends the attempts`() throws {
        var world = try World.after(
            """
            addpeer n2 n1 n3
            setstate generation=7 primary=n2 sync=n1 async=n3 start=0/A@1
            startPeer
            rmpeer n2
            addpeer n2
            """
        )
        world.asked = []
        try world.execute("wait 60")
        #expect(world.kinds.isEmpty)
        #expect(world.machine?.view.pending == [])
    }

    // MARK: Asyncs

    @Test func `R45: asyncs that are gone are dropped, new peers appended`() throws {
        let state = try state(
            "addpeer n1 n2 n3 n4\nbootstrap\nstartPeer\nstopStore\nrmpeer n3\naddpeer n6 n5\nstartStore"
        )
        #expect(state?.async == peers("n4", "n6", "n5"))
        #expect(state?.generation == Generation(1))
    }

    @Test func `R45: deposed peers are never added`() throws {
        let state = try state(
            "addpeer n2 n1 n3\nbootstrap n2 n1\nstartPeer\nrmpeer n2\naddpeer n2\nwait 5"
        )
        #expect(state?.deposed == peers("n2"))
        #expect(state?.async == [])
    }

    @Test func `R46: a write of the asyncs that fails waits for the back-off`() throws {
        var world = try World.after(
            "addpeer n1 n2 n3\nbootstrap\nstartPeer\nfailWrite a\nfailWrite b\nrmpeer n3"
        )
        #expect(world.written.count == 1)
        try world.execute("wait 1")
        #expect(world.written.count == 2)
        try world.execute("wait 1")
        #expect(world.stored?.state.async == [])
    }

    @Test func `R47: a lost sync is replaced by a fresh peer in two writes`() throws {
        var world = try World.after("addpeer n1 n2\nbootstrap\nstartPeer\nrmpeer n2")
        try world.execute("addpeer n3")
        #expect(world.written.map(\.generation) == [Generation(1), Generation(2)])
        #expect(world.stored?.state.sync == World.peer("n3"))
    }

    // MARK: Deposed

    @Test func `a deposed peer queues behind the whole chain`() throws {
        let world = try World.after(
            "addpeer n1 n2 n3 n4\nbootstrap\ndepose\nstartPeer"
        )
        #expect(world.stored?.state.async == peers("n4", "n1"))
        #expect(world.configured.map(\.upstream) == peers("n4", "n4"))
    }

    @Test func `a deposed peer waits stopped for an operator if rejoin is manual`() throws {
        var world = try World.after("addpeer n1 n2 n3\nbootstrap\ndepose\nstartPeer manual")
        #expect(world.configured == [.stopped])
        #expect(world.written.isEmpty)
        try world.execute("reap n1")
        #expect(world.role == .unassigned)
        try world.execute("setstate generation=2 primary=n2 sync=n3 async=n1 start=0/A@1")
        #expect(world.role == .async)
    }

    // MARK: Postgres

    @Test func `R70: a configuration that is already applied is not applied again`() throws {
        let world = try World.after("addpeer n1 n2 n3\nbootstrap\nstartPeer\nrmpeer n3\naddpeer n4")
        #expect(world.configured.count == 1)
    }

    @Test func `R72: a failure is tried again after a second, and told once`() throws {
        let world = try World.after(
            """
            addpeer n1 n2
            bootstrap
            failPostgres busy
            failPostgres busy
            startPeer
            wait 1
            wait 1
            """
        )
        #expect(world.configured.count == 3)
        let failure = Reason.postgresFailed(PostgresFailure(.other, "busy"))
        #expect(world.reasons.filter { $0 == failure }.count == 1)
        #expect(world.machine?.view.pending == [])
    }

    @Test func `R73: a wish that changes meanwhile cancels the old one and comes next`() throws {
        let world = try World.after(
            """
            addpeer n2 n3 n4 n1
            bootstrap
            pause postgres
            startPeer
            setstate generation=1 primary=n2 sync=n3 async=n1
            """
        )
        #expect(world.kinds == ["configure", "cancel", "configure"])
    }

    @Test func `postgres that is lost is configured again at once`() throws {
        let world = try World.after("addpeer n1 n2\nbootstrap\nstartPeer\nlosePostgres signal 9")
        #expect(world.configured.count == 2)
    }

    @Test func `postgres that is lost while it is configured is configured once more`() throws {
        let world = try World.after(
            """
            addpeer n1 n2
            bootstrap
            pause postgres
            startPeer
            losePostgres signal 9
            resume postgres
            """
        )
        #expect(world.configured.count == 2)
        #expect(world.machine?.view.pending == [])
    }

    @Test func `a database of another shard found by postgres ends the process`() throws {
        let world = try World.after(
            "addpeer n2 n1\nbootstrap\nforeignDatabase other shard\nstartPeer"
        )
        #expect(world.failure == .foreignDatabase(detail: "other shard"))
    }
}

extension PostgresConfiguration {
    fileprivate var upstream: Peer? {
        if case .standby(let standby) = self { standby.upstream } else { nil }
    }
}
