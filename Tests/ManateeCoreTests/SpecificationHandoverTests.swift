import ManateeCore
import Testing

/// One test per rule on the planned change of primary, as `docs/internals/state-machine.md` numbers them.
@Suite("Specification: handover")
struct SpecificationHandoverTests {
    /// n1 is the primary of n2; n3 and n4 are the asyncs.
    private static let primary = "addpeer n1 n2 n3 n4\nbootstrap\nstartPeer"
    /// n1 is the sync of n2, with a log that ends at 0/A; n3 and n4 are the asyncs.
    private static let sync = "addpeer n2 n1 n3 n4\nbootstrap n2 n1\nstartPeer\ncatchUp"
    private static let request = "promote id=n2 role=sync generation=1 expireIn=30"

    private func peers(_ names: String...) -> [Peer] { names.map { World.peer($0) } }

    private func expectPrimaryAgain(_ world: World, _ location: SourceLocation = #_sourceLocation) {
        #expect(world.stored?.state.handover == nil, sourceLocation: location)
        #expect(world.stored?.state.generation == Generation(1), sourceLocation: location)
        #expect(world.stored?.state.primary == World.n1, sourceLocation: location)
        guard case .primary = world.running else {
            Issue.record("postgres is \(world.running)", sourceLocation: location)
            return
        }
    }

    // MARK: R80

    @Test func `R80: the sync is looked at and a checkpoint written before anything changes`()
        throws
    {
        let world = try World.after(Self.primary, "pause postgres\n\(Self.request)")
        #expect(world.kinds == ["prepare"])
        #expect(world.written.isEmpty)
    }

    @Test func `R80: not while the shard is frozen`() throws {
        var world = try World.after(Self.primary, "freeze x\n\(Self.request)\nwait 20")
        #expect(world.kinds.isEmpty)
        #expect(world.reasons.count == 1, "told once")
        try world.execute("unfreeze")
        #expect(world.stored?.state.finalPosition != nil)
    }

    @Test func `R80: not before clients are admitted`() throws {
        let world = try World.after(
            "addpeer n1 n2 n3\nbootstrap\npause postgres\nstartPeer",
            Self.request
        )
        #expect(world.kinds.isEmpty)
        #expect(world.reasons == [.postgresNotReady(.announceHandover)])
    }

    @Test func `R80: a sync that does not keep up, and the request waits until it expires`() throws
    {
        var world = try World.after(Self.primary, "failPrepare lag\n\(Self.request)")
        #expect(world.written.isEmpty)
        #expect(world.stored?.state.promote != nil)
        try world.execute("wait 2")
        #expect(world.stored?.state.finalPosition != nil, "it is tried again")
    }

    @Test func `R80: a preparation that takes too long ends with the request`() throws {
        var world = try World.after(Self.primary, "pause postgres\n\(Self.request)\nwait 31")
        #expect(world.stored?.state.promote == nil)
        try world.execute("resume postgres")
        #expect(world.stored?.state.handover == nil)
        #expect(world.stops.isEmpty)
    }

    // MARK: R81 to R83

    @Test
    func `R81: it is announced with one write, which ends the request and changes nothing else`()
        throws
    {
        let world = try World.after(Self.primary, "pause memory\n\(Self.request)")
        let before = try World.after(Self.primary)
        let state = try #require(world.written.first)
        #expect(state.promote == nil)
        let handover = try #require(state.handover)
        #expect(handover.from == PeerID("n1") && handover.to == PeerID("n2"))
        #expect(handover.generation == Generation(1) && handover.final == nil)
        var rest = state
        rest.handover = nil
        #expect(rest == before.stored?.state)
    }

    @Test func `R81: it is over when the request is, or after the limit, whichever is first`()
        throws
    {
        for (asked, given) in [(30, 10), (4, 4)] {
            let world = try World.after(
                Self.primary,
                "promote id=n2 role=sync generation=1 expireIn=\(asked)"
            )
            let state = try #require(world.written.first)
            #expect(state.handover?.expireTime == world.wall.advanced(by: .seconds(given)))
        }
    }

    @Test func `R82: postgres is stopped only when the announcement is in the store`() throws {
        var world = try World.after(Self.primary, "pause store\n\(Self.request)")
        #expect(world.stops.isEmpty)
        try world.execute("resume store")
        #expect(world.stops == [.shutDown])
        #expect(world.running == .stopped)
    }

    @Test func `R83: where the log ends is durable before it is written`() throws {
        let world = try World.after(Self.primary, Self.request)
        #expect(world.kinds == ["prepare", "write", "stop", "remember", "write"])
        #expect(world.written.last?.finalPosition == world.log.end)
        #expect(world.stored?.state.generation == Generation(1), "only the sync declares (S2)")
    }

    @Test func `R83: it is written in place of the newest state`() throws {
        let world = try World.after(
            Self.primary,
            "pause memory\n\(Self.request)\nreap n9\nresume memory"
        )
        #expect(world.stored?.state.finalPosition == world.log.end)
        #expect(world.stops.count == 1)
    }

    @Test func `R83: a conflict costs no second stop`() throws {
        let world = try World.after(
            Self.primary,
            "pause memory\n\(Self.request)\nrace reap n9\nresume memory"
        )
        #expect(world.stored?.state.finalPosition == world.log.end)
        #expect(world.stops.count == 1)
        #expect(world.running == .stopped)
    }

    // MARK: R84

    @Test func `R84: the sync declares itself, with the old primary behind all asyncs`() throws {
        let world = try World.after(Self.sync, "handover at=0/A@1")
        #expect(world.stops == [.detachFromUpstream])
        #expect(world.kinds == ["stop", "remember", "write", "configure"])
        let state = try #require(world.stored?.state)
        #expect(state.generation == Generation(2))
        #expect(state.chain == peers("n1", "n3", "n4", "n2"))
        #expect(state.deposed.isEmpty && state.handover == nil)
        #expect(state.timeline == TimelineID(2))
    }

    @Test func `R84: without an async the old primary itself becomes sync`() throws {
        let world = try World.after(Self.sync, "rmpeer n3 n4\nhandover at=0/A@1")
        #expect(world.stored?.state.chain == peers("n1", "n2"))
        #expect(world.stored?.state.deposed.isEmpty == true)
    }

    @Test func `R84: not before the primary has told where its log ends`() throws {
        let world = try World.after(Self.sync, "handover\nwait 60")
        #expect(world.kinds.isEmpty)
        #expect(world.role == .sync)
    }

    @Test func `R84: not without everything up to there, on the same timeline`() throws {
        for position in ["0/B@1", "0/A@2"] {
            let world = try World.after(Self.sync, "handover at=\(position)\nwait 5")
            #expect(world.written.isEmpty)
            #expect(world.role == .sync)
            #expect(world.configured.count == 6, "each attempt is undone")
        }
    }

    @Test(arguments: ["from=n3", "to=n3", "generation=2"])
    func `R84: not for a handover of others`(_ other: String) throws {
        let world = try World.after(Self.sync, "handover \(other) at=0/A@1\nwait 60")
        #expect(world.kinds.isEmpty)
    }

    @Test func `R84: not while the shard is frozen, nor once it is taken back`() throws {
        var world = try World.after(Self.sync, "freeze x\nhandover at=0/A@1\nwait 9")
        #expect(world.kinds.isEmpty)
        world = try World.after(Self.sync, "pause postgres\nhandover at=0/A@1\nhandover none")
        try world.execute("resume postgres")
        #expect(world.written.isEmpty)
        #expect(world.role == .sync)
    }

    @Test func `R84: the old primary follows at once`() throws {
        let world = try World.after(Self.primary, "\(Self.request)\ndeclare")
        #expect(world.role == .async)
        guard case .standby(let standby) = world.running else {
            Issue.record("postgres is \(world.running)")
            return
        }
        #expect(standby.upstream == World.peer("n4") && !standby.mustStream)
    }

    // MARK: R85 and R86

    @Test func `R85: while the write of the position is in doubt, postgres stays stopped`() throws {
        for fate in ["applied", "dropped"] {
            var world = try World.after(
                Self.primary,
                """
                pause memory
                \(Self.request)
                deaf
                loseReply \(fate)
                failRead away
                resume memory
                stopStore
                wait 60
                """
            )
            #expect(world.configured.isEmpty && world.running == .stopped)
            try world.execute(lines: "startStore\nhearing\nwait 3")
            expectPrimaryAgain(world)
        }
    }

    @Test func `R85: a store that goes before that was sent is no reason to stay stopped`() throws {
        let world = try World.after(
            Self.primary,
            "pause memory\n\(Self.request)\nstopStore\nresume memory"
        )
        guard case .primary = world.running else {
            Issue.record("postgres is \(world.running)")
            return
        }
    }

    @Test func `R85: an ended process's write of the position cannot take effect late`() throws {
        var world = try World.after(
            Self.primary,
            """
            pause memory
            \(Self.request)
            pause store
            resume memory
            killPeer
            startPeer
            """
        )
        #expect(world.running == .stopped)
        try world.execute(lines: "ghosts\nresume store\nwait 12")
        expectPrimaryAgain(world)
    }

    @Test func `R86: with its position in the state a primary stays stopped, store or not`() throws
    {
        for verbs in ["stopStore\nwait 60", "stopStore\nkillPeer\nstartPeer\nwait 60"] {
            let world = try World.after("\(Self.primary)\n\(Self.request)", verbs)
            #expect(world.running == .stopped)
            #expect(world.written.isEmpty)
        }
    }

    @Test func `R86: it starts only when the state without its position is followed`() throws {
        var world = try World.after(
            "\(Self.primary)\n\(Self.request)\npause store",
            "wait 11"
        )
        #expect(world.written.count == 1 && world.configured.isEmpty)
        try world.execute("resume store")
        expectPrimaryAgain(world)
    }

    // MARK: R87

    @Test(arguments: [
        ("pause store\nREQUEST\nrmpeer n2\nresume store", "the sync is gone"),
        ("pause memory\nREQUEST\nrmpeer n2\nresume memory", "the sync is gone"),
        ("pause memory\nREQUEST\nfreeze x\nresume memory", "the shard is frozen"),
        ("pause memory\nREQUEST\nstopStore\nresume memory\nstartStore", "the store blinked"),
        ("pause memory\nREQUEST\nwait 11\nresume memory", "it took too long"),
        ("failStop a backup runs\nREQUEST\nwait 2", "the stop failed"),
        ("REQUEST\nfreeze x", "the shard is frozen"),
        ("REQUEST\nwait 11", "the sync does not declare itself"),
    ])
    func `R87: what does not come to its end is taken back by the primary`(
        _ script: String,
        _ cause: String
    ) throws {
        let verbs = script.split(separator: "\n")
            .map { $0 == "REQUEST" ? Substring(Self.request) : $0 }
            .joined(separator: "\n")
        let world = try World.after("\(Self.primary)\nrmpeer n3 n4", verbs)
        expectPrimaryAgain(world)
    }

    @Test func `R87: a sync that goes after the primary has stopped is replaced afterwards`() throws
    {
        let world = try World.after(Self.primary, "\(Self.request)\nrmpeer n2\nwait 2")
        #expect(world.stored?.state.chain == peers("n1", "n3", "n4"))
        #expect(world.stored?.state.handover == nil)
    }

    @Test func `R87: a sync that was faster than the taking back wins`() throws {
        let world = try World.after(
            "\(Self.primary)\n\(Self.request)",
            "race declare\nwait 11"
        )
        #expect(world.role == .async)
        #expect(world.stored?.state.generation == Generation(2))
    }

    @Test func `R87: a clock that jumps does not make it longer`() throws {
        let world = try World.after(
            "\(Self.primary)\n\(Self.request)\nstepClock -600",
            "killPeer\nstartPeer\nwait 11"
        )
        expectPrimaryAgain(world)
    }

    // MARK: R88 and R89

    @Test func `R88: what an earlier process announced is taken back by the next`() throws {
        let world = try World.after(
            Self.primary,
            "pause postgres\n\(Self.request)\nkillPeer\nresume postgres\nhandover\nstartPeer"
        )
        expectPrimaryAgain(world)
        #expect(world.stops.isEmpty)
    }

    @Test(arguments: ["from=n3", "to=n3", "generation=9"])
    func `R88: a handover of others is removed, and postgres does not notice`(
        _ other: String
    ) throws {
        let world = try World.after(Self.primary, "handover \(other) at=0/A@1")
        #expect(world.kinds == ["write"])
        #expect(world.stored?.state.handover == nil)
    }

    @Test func `R88: a request that comes meanwhile waits for the end`() throws {
        let world = try World.after(
            "\(Self.primary)\n\(Self.request)",
            "promote id=n3 role=async asyncIndex=0 generation=1 expireIn=60\nwait 12"
        )
        #expect(world.stored?.state.chain == peers("n1", "n3", "n2", "n4"))
    }

    @Test func `R89: a primary that is gone before it has stopped is deposed as ever`() throws {
        for handover in ["handover", "handover at=0/B@1"] {
            let world = try World.after(Self.sync, "\(handover)\nrmpeer n2\nwait 5")
            #expect(world.stored?.state.chain == peers("n1", "n3", "n4"))
            #expect(world.stored?.state.deposed == peers("n2"))
            #expect(world.stored?.state.handover == nil)
        }
    }

    @Test func `R89: a primary that is gone after it has stopped is not`() throws {
        let world = try World.after(Self.sync, "rmpeer n3 n4 n2\nhandover at=0/A@1\naddpeer n3")
        #expect(
            world.reasons.contains(
                .takingOver(from: PeerID("n2"), .absent, candidate: PeerID("n3"))
            )
        )
        #expect(world.stored?.state.chain == peers("n1", "n3"))
        #expect(world.stored?.state.deposed.isEmpty == true)
    }
}
