import ManateeCore
import Testing

/// One test per sentence of the rules about incomplete copies, an absent store, and freezing.
@Suite("Specification: copies, store and freeze")
struct SpecificationStoreTests {
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
        let world = try World.after(World.primary, "killPeer\ndisk empty\nstartPeer")
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

    private static let rejoining =
        "addpeer n1 n2 n3\nbootstrap\ndepose\nfreeze a test\nstartPeer\nwait 1"

    @Test(arguments: ["rmpeer n2", "beat n2\nbeat n3 hears=n1\ndie n2\nwait 1"])
    func `S7: without the primary a deposed peer's copy is measured by the sync's`(
        _ loss: String
    ) throws {
        var world = try World.after(Self.rejoining, loss)
        #expect(world.configured.map(\.source) == [World.peer("n3")])
        try world.execute("unfreeze")
        #expect(world.written.last?.deposed == [])
        #expect(world.role == .async)
    }

    @Test func `S7: a primary that is only silent still measures a deposed peer's copy`() throws {
        let world = try World.after(
            Self.rejoining,
            "beat n2\nbeat n3 misses=n2\nmute n2\nwait 30"
        )
        #expect(world.configured.isEmpty)
    }

    @Test func `S7: the database of another shard ends the process untouched`() throws {
        let world = try World.after(World.sync, "killPeer\ndisk foreign\nstartPeer")
        #expect(world.configured.isEmpty)
        guard case .foreignDatabase = world.failure else {
            Issue.record("\(String(describing: world.failure))")
            return
        }
    }

    // MARK: S10

    @Test func `S10: without the store nothing is declared and nothing touched`() throws {
        let world = try World.after(World.primary, "stopStore\nwait 60\nstartStore")
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
        let world = try World.after(
            World.sync,
            "pause store\nrmpeer n2\nkillPeer\nstopStore\nstartPeer\nwait 60"
        )
        #expect(world.configured.isEmpty)
        #expect(world.reasons.contains(.proposalInDoubt(Generation(2))))
    }

    @Test func `S10: a store that is empty or older is refused until it shows what is known`()
        throws
    {
        var world = try World.after(World.sync + "\ndepose\nstopStore\nwipeStore")
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
        var world = try World.after(World.primary + "\nrmpeer n3\nstopStore\nwipeStore")
        world.asked = []
        try world.execute("setstate generation=1 primary=n1 sync=n2 async=n4")
        try world.execute("startStore")
        #expect(world.kinds.isEmpty)
        #expect(world.machine?.view.state?.state.async == [])
    }

    @Test func `S10: a late notice of an older state does not raise an alarm`() throws {
        var world = try World.after(World.primary)
        let old = world.stored
        try world.execute("rmpeer n3")
        world.asked = []
        world.queue.append(.clusterStateChanged(old))
        world.settle()
        #expect(world.kinds == ["read"])
        #expect(world.reasons.isEmpty)
    }

    @Test func `S10: a state that cannot be read stays refused when an earlier write is confirmed`()
        throws
    {
        var world = try World.after(World.primary, "pause store\nrmpeer n3\nunreadable nonsense")
        world.watchesWork = false
        try world.execute(lines: "resume store\naddpeer n3\nrmpeer n2\nwait 5")
        #expect(world.kinds == ["write"])
    }

    // MARK: S11

    @Test(arguments: [World.sync, World.primary])
    func `S11: a frozen shard changes no generation`(_ setting: String) throws {
        let world = try World.after(setting, "freeze maintenance\nrmpeer n2\nwait 5")
        #expect(world.written.isEmpty && world.stops.isEmpty)
    }

    @Test(arguments: [World.sync, World.primary])
    func `S11: a freeze stops a change that is not written yet`(_ setting: String) throws {
        let world = try World.after(
            setting,
            "pause memory\nrmpeer n2\nfreeze x\nresume memory\nwait 5"
        )
        #expect(world.written.isEmpty)
        #expect(world.stored?.state.generation == Generation(1))
    }

    @Test func `S11: freeze and unknown fields survive a change of the asyncs`() throws {
        let world = try World.after(
            """
            addpeer n1 n2
            disk database
            setstate generation=1 primary=n1 sync=n2 async=n3 field=colour frozen
            startPeer
            """
        )
        let state = try #require(world.written.first)
        #expect(state.async.isEmpty)
        #expect(state.freeze != nil)
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
    fileprivate var mustStream: Bool {
        if case .standby(let standby) = self { standby.mustStream } else { false }
    }

    fileprivate var source: Peer? {
        if case .standby(let standby) = self { standby.source } else { nil }
    }
}
