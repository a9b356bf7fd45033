import ManateeSimulation
import Testing

/// Scenarios of the original's state-machine suite, typed into the shell.
@Suite("The shell")
struct RehearsalTests {
    private func answers(_ lines: [String]) -> [[String]] {
        var rehearsal = Rehearsal()
        return lines.map { rehearsal.execute($0) }
    }

    @Test func `plays the basic scenario as the original does`() {
        var rehearsal = Rehearsal()
        func play(_ line: String, _ state: String, _ peer: String) {
            let answer = rehearsal.execute(line)
            #expect(answer.first?.hasPrefix("state: \(state);") == true, "\(line): \(answer)")
            #expect(answer.last?.hasPrefix("node1: \(peer)") == true, "\(line): \(answer)")
        }
        for line in ["addpeer n1", "addpeer", "addpeer"] { _ = rehearsal.execute(line) }
        #expect(
            rehearsal.execute("bootstrap n2 n3").first
                == "state: g1 P node2 S node3 A node1 D - w 0/0; present node1,node2,node3"
        )
        play(
            "startPeer",
            "g1 P node2 S node3 A node1 D - w 0/0",
            "async; postgres standby, upstream node3"
        )
        play("depose", "g2 P node3 S node1 A - D node2 w 0/A", "sync")
        play(
            "rebuild n2",
            "g2 P node3 S node1 A node2 D - w 0/A",
            "sync; postgres standby, upstream node3"
        )
        play("rmpeer n3", "g2 P node3 S node1 A node2 D - w 0/A", "sync")
        play("addpeer n3", "g2 P node3 S node1 A node2 D - w 0/A", "sync")
        _ = rehearsal.execute("catchUp")
        play(
            "rmpeer n3",
            "g3 P node1 S node2 A - D node3 w 0/14",
            "primary; postgres primary, downstream node2"
        )
        play("rebuild n3", "g3 P node1 S node2 A - D - w 0/14", "primary")
        play("addpeer n3", "g3 P node1 S node2 A node3 D - w 0/14", "primary")
        play(
            "rmpeer n2",
            "g4 P node1 S node3 A - D - w 0/1E",
            "primary; postgres primary, downstream node3"
        )
        play("addpeer n2", "g4 P node1 S node3 A node2 D - w 0/1E", "primary")
        play("addpeer", "g4 P node1 S node3 A node2,node4 D - w 0/1E", "primary")
        play("rmpeer n4", "g4 P node1 S node3 A node2 D - w 0/1E", "primary")
        play("depose", "g5 P node3 S node2 A - D node1 w 0/28", "deposed; postgres offline")
    }

    @Test func `keeps a frozen shard as it is`() {
        let last = answers([
            "addpeer n1", "addpeer", "addpeer", "startPeer", "freeze", "rmpeer n2", "addpeer n2",
            "rmpeer n3", "addpeer n3", "unfreeze", "rmpeer n2",
        ]).map { $0.first ?? "" }
        #expect(last[5].hasPrefix("state: g1 P node1 S node2 A node3 D - w 0/0 frozen;"))
        #expect(last[7].hasPrefix("state: g1 P node1 S node2 A - D - w 0/0 frozen;"))
        #expect(last[8].hasPrefix("state: g1 P node1 S node2 A node3 D - w 0/0 frozen;"))
        #expect(last[10].hasPrefix("state: g2 P node1 S node3 A - D - w 0/A;"))
    }

    @Test func `promotes asyncs and the sync as an operator asks`() {
        let primary = answers([
            "addpeer n1", "addpeer", "addpeer", "addpeer", "startPeer", "promote n4", "promote n4",
            "promote n1", "wait 100",
        ]).map { $0.first ?? "" }
        #expect(primary[5].hasPrefix("state: g1 P node1 S node2 A node4,node3 D - w 0/0;"))
        #expect(primary[6].hasPrefix("state: g2 P node1 S node4 A node2,node3 D - w 0/A;"))
        #expect(primary[8].hasPrefix("state: g2 P node1 S node4 A node2,node3 D - w 0/A;"))
        let sync = answers([
            "addpeer n2", "addpeer n1", "addpeer n3", "bootstrap n2 n1", "startPeer", "catchUp",
            "promote n1", "handover", "wait 100",
        ]).map { $0.first ?? "" }
        #expect(sync[6].hasPrefix("state: g1 P node2 S node1 A node3 D - w"))
        #expect(sync[8].hasPrefix("state: g2 P node1 S node3 A node2 D - w"))
    }

    @Test func `refuses what it does not know`() {
        #expect(answers(["dance"])[0][0].hasPrefix("error: there is no verb"))
        #expect(answers(["handover"])[0][0].hasPrefix("error: handover needs a sync"))
        #expect(answers(["promote n2"])[0][0].hasPrefix("error:"))
        #expect(answers(["rmpeer n9"])[0][0].hasPrefix("error:"))
    }
}
