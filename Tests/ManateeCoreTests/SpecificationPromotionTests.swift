import ManateeCore
import Testing

/// One test per rule on what operators ask for, as `docs/internals/state-machine.md` numbers them.
@Suite("Specification: promotion and one-node-write mode")
struct SpecificationPromotionTests {
    /// n1 is the primary of n2; n3, n4 and n5 are the asyncs.
    private static let primary = "addpeer n1 n2 n3 n4 n5\nbootstrap\nstartPeer"
    /// n1 is the sync of n2 and has everything; n3 and n4 are the asyncs.
    private static let sync = "addpeer n2 n1 n3 n4\nbootstrap n2 n1\nstartPeer\ncatchUp"
    private static let firstAsync = "promote id=n3 role=async asyncIndex=0 generation=1 expireIn=30"
    private static let ownSync = "promote id=n1 role=sync generation=1 expireIn=30"

    private func peers(_ names: String...) -> [Peer] { names.map { World.peer($0) } }

    private func problems(_ world: World) -> [PromoteRequest.Problem] {
        world.reasons.compactMap {
            if case .removingRequest(let problem) = $0 { problem } else { nil }
        }
    }

    // MARK: R60 to R62

    @Test func `R60: a request is looked at with the role that its own state gives`() throws {
        for role in ["async", "unassigned", "deposed"] {
            let async = role == "async" ? "n4,n1" : "n4"
            let deposed = role == "deposed" ? "n1" : "-"
            let world = try World.after(
                Self.primary,
                """
                deaf
                setstate generation=2 primary=n2 sync=n3 async=\(async) deposed=\(deposed)
                promote id=n4 role=async asyncIndex=0 generation=2 expireIn=30
                pause postgres
                hearing
                """
            )
            #expect(world.role?.rawValue == role)
            #expect(world.written.isEmpty)
            #expect(world.stops.isEmpty)
        }
    }

    @Test
    func `R61: the primary takes back what is not to be carried out, and nothing else changes`()
        throws
    {
        let world = try World.after(Self.primary, "freeze x\npromote nonsense")
        let state = try #require(world.written.last)
        #expect(world.written.count == 1 && world.expected == [StateVersion(2)])
        #expect(state.promote == nil && state.freeze != nil)
        #expect(state.generation == Generation(1))
        #expect(state.chain == peers("n1", "n2", "n3", "n4", "n5"))
        #expect(problems(world) == [.notAnObject])
    }

    @Test func `R61: nobody else takes anything back`() throws {
        for setting in [Self.sync, "addpeer n2 n3 n4 n1\nbootstrap\nstartPeer"] {
            let world = try World.after(setting, "promote nonsense\nwait 60")
            #expect(world.written.isEmpty && world.stops.isEmpty && world.reasons.isEmpty)
        }
    }

    @Test func `R62: every request is the primary's`() throws {
        for request in [
            Self.ownSync, "promote id=n3 role=async asyncIndex=0 generation=1 expireIn=30",
        ] {
            let world = try World.after(Self.sync, request)
            #expect(world.written.isEmpty && world.stops.isEmpty)
        }
    }

    // MARK: R64

    @Test func `R64: the first async becomes sync, and the old sync heads the asyncs`() throws {
        let world = try World.after(Self.primary, Self.firstAsync)
        #expect(world.stops == [.fence(replacing: World.peer("n2"))])
        let state = try #require(world.stored?.state)
        #expect(state.generation == Generation(2))
        #expect(state.chain == peers("n1", "n3", "n2", "n4", "n5"))
        #expect(state.deposed.isEmpty && state.promote == nil)
        #expect(state.start == WALPosition(timeline: TimelineID(1), lsn: LSN(0xA)))
    }

    @Test func `R64: an old sync that is gone does not head the asyncs`() throws {
        let world = try World.after(
            Self.primary,
            "freeze x\nrmpeer n2\n\(Self.firstAsync)\nunfreeze"
        )
        #expect(world.stored?.state.chain == peers("n1", "n3", "n4", "n5"))
    }

    @Test func `R64: an async that vanishes meanwhile does not become sync`() throws {
        let world = try World.after(
            Self.primary,
            "pause memory\n\(Self.firstAsync)\nrmpeer n3\nresume memory"
        )
        #expect(world.reasons.contains(.abandoned(.promoteAsync, .vanished(PeerID("n3")))))
        #expect(world.stored?.state.generation == Generation(1))
        #expect(world.stored?.state.chain == peers("n1", "n2", "n4", "n5"))
    }

    // MARK: R65

    @Test func `R65: another async changes places with the one before it, frozen or not`() throws {
        for freeze in ["unfreeze", "freeze x"] {
            let world = try World.after(
                Self.primary,
                "\(freeze)\npromote id=n5 role=async asyncIndex=2 generation=1 expireIn=30"
            )
            let state = try #require(world.stored?.state)
            #expect(state.async == peers("n3", "n5", "n4"))
            #expect(state.generation == Generation(1) && state.promote == nil)
            #expect((state.freeze != nil) == (freeze == "freeze x"))
            #expect(world.stops.isEmpty && world.configured.isEmpty)
        }
    }

    // MARK: R66 to R68

    @Test func `R66: a frozen shard waits with a change of generation`() throws {
        var world = try World.after(Self.primary, "freeze x\n\(Self.firstAsync)\nwait 20")
        #expect(world.written.isEmpty && world.stops.isEmpty)
        #expect(world.reasons.count == 1, "told once")
        try world.execute("unfreeze")
        #expect(world.stored?.state.generation == Generation(2))
    }

    @Test func `R67: a change of the asyncs ends a request`() throws {
        let world = try World.after(
            Self.primary,
            "freeze x\npromote id=n2 role=sync generation=1 expireIn=30\naddpeer n6"
        )
        #expect(world.written.count == 1)
        #expect(world.stored?.state.promote == nil)
    }

    @Test func `R68: a request that expires is taken back without any other event`() throws {
        var world = try World.after(
            Self.primary,
            "pause postgres\npromote id=n2 role=sync generation=1 expireIn=30\nwait 30"
        )
        #expect(world.written.isEmpty)
        try world.execute("wait 1")
        #expect(world.stored?.state.promote == nil)
    }

    @Test func `R68: a clock that is set back lets a request live on, and it still ends`() throws {
        var world = try World.after(
            Self.primary,
            "pause postgres\npromote id=n2 role=sync generation=1 expireIn=30\nstepClock -60\nwait 31"
        )
        #expect(world.written.isEmpty)
        try world.execute("wait 60")
        #expect(world.stored?.state.promote == nil)
    }

    @Test func `R68: an expired request is not carried out`() throws {
        let world = try World.after(
            Self.primary,
            "pause memory\n\(Self.firstAsync)\nstepClock 31\nresume memory\nwait 60"
        )
        #expect(world.stored?.state.generation == Generation(1))
        #expect(world.stored?.state.promote == nil)
    }

    // MARK: R50

    private static let alone = """
        disk database
        setstate generation=3 primary=n1 oneNodeWrite start=0/0@1 field=colour
        """

    @Test func `R50: the first other peer becomes sync, the rest asyncs, a deposed one stays so`()
        throws
    {
        let world = try World.after(
            "\(Self.alone) deposed=n4",
            "addpeer n4 n3 n2\nstartPeer\nwait 2"
        )
        let state = try #require(world.written.first)
        #expect(state.generation == Generation(4))
        #expect(state.chain == peers("n1", "n3", "n2"))
        #expect(state.deposed == peers("n4") && !state.oneNodeWriteMode)
        #expect(state.unknownFields == ["colour": .integer(42)])
    }

    @Test func `R50: commits are stopped before the log is sampled, and the sync is named after`()
        throws
    {
        let world = try World.after(Self.alone, "addpeer n2\nstartPeer")
        #expect(world.stops == [.fence(replacing: nil)])
        #expect(world.kinds == ["configure", "stop", "remember", "write", "configure"])
        #expect(
            world.configured == [
                .primary(.init(generation: Generation(3), sync: nil)),
                .primary(
                    .init(
                        generation: Generation(4),
                        sync: World.peer("n2"),
                        timeline: TimelineID(1)
                    )
                ),
            ]
        )
    }

    @Test func `R50: not while the shard is frozen, nor as a peer that stays alone`() throws {
        var world = try World.after(Self.alone, "addpeer n2\nfreeze x\nstartPeer\nwait 60")
        #expect(world.written.isEmpty && world.stops.isEmpty)
        world = try World.after(Self.alone, "addpeer n2\nstartPeer oneNodeWrite\nwait 60")
        #expect(world.written.isEmpty && world.stops.isEmpty)
    }
}
