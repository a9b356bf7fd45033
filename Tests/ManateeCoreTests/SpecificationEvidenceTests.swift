import Testing

@testable import ManateeCore

/// One test per sentence of the rules on evidence, as `docs/internals/state-machine.md` numbers them.
@Suite("Specification: evidence")
struct SpecificationEvidenceTests {
    /// n1 is the sync of n2, hears everybody, and its generation has settled.
    private static let sync = World.sync + "\nbeat n3 hears=n1,n2\nbeat n2 hears=n1,n3\nwait 6"
    /// n1 is the primary, hears everybody, and its generation has settled.
    private static let primary =
        World.primary + "\nbeat n2 hears=n1,n3\nbeat n3 hears=n1,n2\nwait 6"

    // MARK: R100

    @Test func `R100: a peer that was never heard is judged by the election alone`() throws {
        let world = try World.after(World.sync, "die n2\nwait 30")
        #expect(world.stops.isEmpty)
        let gone = try World.after(World.sync, "rmpeer n2")
        #expect(gone.stops == [.detachFromUpstream])
    }

    @Test func `R100: nobody is watched who does not say where he is heard`() throws {
        var stranger = World.peer("n9")
        stranger.heartbeatPort = nil
        var world = try World.after(World.sync)
        world.asked = []
        world.activePeers.append(stranger)
        world.tellPeers()
        world.settle()
        #expect(world.watched == nil)
        try world.execute("addpeer n4")
        #expect(world.watched?.map(\.id.text) == ["n2", "n3", "n4"])
    }

    // MARK: Limits

    @Test func `other limits hold from the next look on, and change no role themselves`() throws {
        var world = try World.after(Self.sync)
        world.queue.append(.detectionChanged(FailureDetection(.conservative)))
        world.settle()
        #expect(world.stops.isEmpty)
        #expect(world.role == .sync)
        for line in ["beat n3 hears=n1", "die n2", "wait 1500ms"] { try world.execute(line) }
        #expect(world.stops.isEmpty)
        try world.execute("wait 1")
        #expect(world.stops == [.detachFromUpstream])
    }

    // MARK: R101

    @Test func `R101: the own word is a proof, in the youngest generation, too`() throws {
        let world = try World.after(World.sync, "beat n3\nbeat n2 unopened\nbeat n2 ended")
        #expect(world.role == .primary)
    }

    @Test func `R101: what a sync says of its postgres is no proof before its budget is over`()
        throws
    {
        let world = try World.after(Self.primary, "beat n2 restarting\nwait 900ms")
        #expect(world.stops.isEmpty)
        let late = try World.after(Self.primary, "beat n2 restarting\nwait 1100ms")
        #expect(late.stops == [.fence(replacing: World.peer("n2"))])
    }

    // MARK: R102

    @Test func `R102: two ports must refuse for the whole limit`() throws {
        var world = try World.after(Self.sync, "beat n3 hears=n1\ndie n2\nwait 300ms")
        #expect(world.stops.isEmpty)
        try world.execute("wait 100ms")
        #expect(world.stops == [.detachFromUpstream])
    }

    @Test func `R102: one answer in between begins the count again`() throws {
        let world = try World.after(
            Self.sync,
            """
            beat n3 hears=n1
            die n2
            wait 300ms
            loseSitter n2
            wait 100ms
            die n2
            wait 300ms
            """
        )
        #expect(world.stops.isEmpty)
    }

    @Test func `R102: refusals prove nothing while another peer hears the refusing one`() throws {
        let world = try World.after(Self.sync, "die n2\nwait 10")
        #expect(world.stops.isEmpty)
    }

    // MARK: R103 and R104

    @Test func `R103: a postgres that answers is a sign of life of its peer`() throws {
        let world = try World.after(Self.sync, "beat n3 hears=n1 misses=n2\nloseSitter n2\nwait 30")
        #expect(world.stops.isEmpty)
    }

    @Test(arguments: ["", "beat n3 hears=n1", "mute n3", "rmpeer n3"])
    func `R104: silence that nobody corroborates leads to nothing`(_ verb: String) throws {
        let world = try World.after(Self.sync, "\(verb)\nmute n2\nwait 30".trimmed)
        #expect(world.stops.isEmpty)
    }

    @Test func `R104: silence that is corroborated leads to a takeover after its limit`() throws {
        var world = try World.after(Self.sync, "beat n3 misses=n2\nmute n2\nwait 1900ms")
        #expect(world.stops.isEmpty)
        try world.execute("wait 200ms")
        #expect(world.role == .primary)
    }

    @Test func `R104: one peer that hears the primary outweighs all that miss it`() throws {
        let world = try World.after(
            "addpeer n2 n1 n3 n4\nbootstrap n2 n1\nstartPeer\nbeat n2\nwait 6",
            "beat n3 misses=n2\nbeat n4 hears=n2\nmute n2\nwait 30"
        )
        #expect(world.stops.isEmpty)
    }

    // MARK: R105

    @Test func `R105: the primary fences a sync off that is gone by evidence`() throws {
        let world = try World.after(Self.primary, "beat n3\ndie n2\nwait 1")
        #expect(world.kinds == ["stop", "remember", "write", "configure"])
        #expect(world.stops == [.fence(replacing: World.peer("n2"))])
        #expect(world.written.last?.deposed == [])
    }

    @Test func `R105: the primary needs no testimony against a silent sync`() throws {
        let world = try World.after(Self.primary, "mute n2\nwait 3")
        #expect(world.written.last?.sync == World.peer("n3"))
    }

    @Test func `R105: a primary that hears no candidate replaces nobody on silence`() throws {
        let world = try World.after(Self.primary, "mute n2 n3\nwait 30")
        #expect(world.stops.isEmpty)
    }

    @Test func `R105: the new sync is the first that is present and heard`() throws {
        let world = try World.after(
            "addpeer n1 n2 n3 n4 n5\nbootstrap\nstartPeer\nbeat n2\nbeat n3\nbeat n5\nwait 6",
            "mute n3\nwait 3\ndie n2\nwait 1"
        )
        #expect(world.written.last?.sync == World.peer("n5"))
    }

    @Test func `R105: a peer that serves comes before one that does not yet`() throws {
        let world = try World.after(
            "addpeer n1 n2 n3 n4\nbootstrap\nstartPeer\nbeat n2\nbeat n3 changing\nbeat n4",
            "die n2\nwait 1"
        )
        #expect(world.written.last?.sync == World.peer("n4"))
    }

    @Test func `R105: a silent sync is not replaced by one that does not serve yet`() throws {
        let world = try World.after(Self.primary, "beat n3 changing\nmute n2\nwait 30")
        #expect(world.stops.isEmpty)
    }

    // MARK: R106

    @Test func `R106: suspicion waits until the sync was attached, but not for ever`() throws {
        var world = try World.after(
            World.sync,
            "beat n3 misses=n2\nbeat n2 unopened\nmute n2\nwait 14"
        )
        #expect(world.stops.isEmpty)
        try world.execute("wait 2")
        #expect(world.role == .primary)
    }

    @Test func `R106: between two changes on suspicion lies the calm`() throws {
        var world = try World.after(
            "addpeer n1 n2 n3 n4\nbootstrap\nstartPeer\nbeat n2\nbeat n3\nbeat n4\nwait 6",
            "mute n2\nwait 3\nmute n3\nwait 3"
        )
        #expect(world.stored?.state.generation == Generation(2))
        try world.execute("wait 3")
        #expect(world.stored?.state.generation == Generation(3))
    }

    // MARK: R107

    @Test func `R107: a primary stands aside for a sync that can take over`() throws {
        let world = try World.after(Self.primary, "losePostgres gone\nwait 1")
        #expect(world.configured.isEmpty)
        #expect(world.spoken?.postgres == .ended("gone"))
    }

    @Test(arguments: [
        "rmpeer n2", "rmpeer n3", "mute n2\nwait 3", "beat n2 changing", "freeze now", "stopStore",
    ])
    func `R107: it does not where none will come`(_ verbs: String) throws {
        var world = try World.after("\(World.primary)\nbeat n2 hears=n3\nbeat n3\n\(verbs)")
        world.asked = []
        try world.execute("losePostgres gone")
        #expect(world.configured.count == 1)
    }

    @Test func `R107: it writes nothing while it stands aside`() throws {
        let world = try World.after(Self.primary, "losePostgres gone\naddpeer n4\nwait 1")
        #expect(world.written.isEmpty)
    }

    @Test func `R107: it starts its postgres again when the time is over`() throws {
        let world = try World.after(Self.primary, "losePostgres gone\nwait 2")
        #expect(world.configured.count == 1)
        #expect(world.spoken?.postgres == .serving)
    }

    @Test func `R107: a crash that is noticed after the end does not take its word back`() throws {
        let world = try World.after(
            Self.primary,
            "losePostgres gone\nrestartPostgres a process crashed\nwait 1"
        )
        #expect(world.configured.isEmpty)
        #expect(world.spoken?.postgres == .ended("gone"))
    }

    // MARK: R108

    @Test func `R108: after an own standstill nobody's silence counts`() throws {
        let world = try World.after(
            Self.sync,
            "beat n3 misses=n2\nmute n2\nwait 1\nsleepThrough 60\nwait 1"
        )
        #expect(world.stops.isEmpty)
    }

    // MARK: R109

    @Test func `R109: an absent primary that serves stays while no async serves`() throws {
        var world = try World.after(Self.sync, "beat n3 changing\nrmpeer n2\nwait 30")
        #expect(world.stops.isEmpty)
        try world.execute("beat n3")
        #expect(world.stops == [.detachFromUpstream])
    }

    @Test func `R109: an absent sync that serves stays while no async serves`() throws {
        var world = try World.after(Self.primary, "beat n3 changing\nrmpeer n2\nwait 30")
        #expect(world.stops.isEmpty)
        try world.execute("beat n3")
        #expect(world.stops == [.fence(replacing: World.peer("n2"))])
    }

    @Test(arguments: ["die n2\nwait 1", "mute n2\nwait 3", "beat n2 changing", "beat n2 unopened"])
    func `R109: whoever is absent and does not serve is replaced at once`(_ verbs: String) throws {
        let world = try World.after(Self.sync, "beat n3 changing\nrmpeer n2\n\(verbs)")
        #expect(world.stops == [.detachFromUpstream])
        #expect(world.written.last?.sync == World.peer("n3"))
    }

    // MARK: Limits

    @Test(arguments: FailureDetection.Profile.allCases)
    func `profiles have no contradictions`(_ profile: FailureDetection.Profile) {
        let limits = FailureDetection(profile)
        #expect(limits.problems == [])
        #expect(limits.doubt < limits.silence)
        #expect(limits.doubt > limits.beatInterval * 2)
    }

    @Test func `a table tells what each failure costs`() {
        let table = DetectionTable(FailureDetection(), sessionTimeout: .seconds(10))
        #expect(table.text.contains("both ports refuse                      0.4 s"))
        #expect(table.rows.contains { $0.after == .seconds(10) })
    }
}

extension String {
    /// Without an empty first line.
    fileprivate var trimmed: String { hasPrefix("\n") ? String(dropFirst()) : self }
}
