import ManateeCore
import Testing

/// One test per sentence about the bound on reads from the past (rules R90 to R94).
@Suite("Specification: stale reads")
struct SpecificationStaleReadTests {
    private static let cutOff = "stopStore\nloseSync\nwait 10"

    private func kinds(_ scripts: String...) throws -> [String] {
        var world = try World.after(World.primary)
        world.asked = []
        for script in scripts { try world.execute(lines: script) }
        return world.kinds
    }

    @Test func `R90: a primary that hears neither store nor sync shuts its gate`() throws {
        #expect(try kinds("stopStore\nloseSync\nwait 9").isEmpty)
        #expect(try kinds(Self.cutOff) == ["shut gate"])
    }

    @Test func `R90: the limit begins anew when either was heard`() throws {
        let almost = "stopStore\nloseSync\nwait 9\nhearSync\nloseSync\nwait 9"
        #expect(try kinds(almost).isEmpty)
        #expect(try kinds(almost, "wait 1") == ["shut gate"])
    }

    @Test func `R91: the store or the sync alone changes nothing`() throws {
        #expect(try kinds("stopStore\nwait 3600").isEmpty)
        #expect(try kinds("loseSync\nwait 3600").isEmpty)
    }

    @Test func `R91: a store that is refused is as good as none`() throws {
        #expect(try kinds("unreadable x\nloseSync\nwait 10") == ["shut gate"])
    }

    @Test func `R92: the gate is released when either is heard`() throws {
        #expect(try kinds(Self.cutOff, "hearSync") == ["shut gate", "release gate"])
        #expect(try kinds(Self.cutOff, "startStore") == ["shut gate", "release gate"])
    }

    @Test func `R93: who is not primary, or acknowledges alone, has nothing to shut`() throws {
        for script in [
            "addpeer n2 n1 n3\nbootstrap\nstartPeer", "addpeer n2 n3 n1\nbootstrap\nstartPeer",
            "addpeer n1\nstartPeer oneNodeWrite",
        ] {
            var world = try World.after(script)
            world.asked = []
            try world.execute(lines: Self.cutOff)
            #expect(world.kinds.isEmpty)
        }
    }

    @Test func `R93: postgres that an earlier process left is bounded from the start`() throws {
        let restart = "killPeer\nstopStore\nloseSync\nstartPeer\nwait 10"
        #expect(try kinds(restart).contains("shut gate"))
    }

    @Test func `R94: an order that failed is given again`() throws {
        #expect(try kinds("failGate x", Self.cutOff) == ["shut gate"])
        #expect(try kinds("failGate x", Self.cutOff, "wait 1") == ["shut gate", "shut gate"])
    }

    @Test func `R90: clients are not admitted while the gate is held`() throws {
        var world = try World.after(World.primary, Self.cutOff)
        #expect(world.machine?.view.writesOpen == nil)
        try world.execute("hearSync")
        #expect(world.machine?.view.writesOpen == Generation(1))
    }
}
