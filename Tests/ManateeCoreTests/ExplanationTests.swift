import Foundation
import ManateeCore
import Testing

@Suite("An explanation")
struct ExplanationTests {
    @Test(arguments: ExplainedSituation.allCases)
    func `says what the file says`(situation: ExplainedSituation) throws {
        let url = URL(filePath: #filePath).deletingLastPathComponent()
            .appending(path: "Explanations/\(situation.rawValue).txt")
        let text = Explanation(situation.facts).text
        if ProcessInfo.processInfo.environment["MANATEE_REWRITE"] == "1" {
            try text.write(to: url, atomically: true, encoding: .utf8)
        }
        #expect(text == (try String(contentsOf: url, encoding: .utf8)))
    }

    @Test(arguments: ExplainedSituation.documented)
    func `is shown to operators as it is`(situation: ExplainedSituation) throws {
        let url = URL(filePath: #filePath).deletingLastPathComponent()
            .appending(path: "../../docs/operating/explain.md")
        let page = try String(contentsOf: url, encoding: .utf8)
        #expect(page.contains("```text\n\(Explanation(situation.facts).text)```\n"))
    }

    /// What happens to n1, which is in the first role, before the peer in the second is lost.
    @Test(
        arguments: [World.sync, World.primary],
        ["", "freeze maintenance", "rmpeer n3", "disk log 0/3@9", "losePostgres it exited"]
    )
    func `foresees what the machine does`(setting: String, trouble: String) throws {
        var world = try World.after(setting, "catchUp\n\(trouble)")
        let state = try #require(world.stored)
        let lost = try #require(
            state.state.primary == World.n1 ? state.state.sync : state.state.primary
        )
        let own = ShardFacts.PeerFacts(
            postgres: .asAsked,
            log: world.log.end.lsn,
            timeline: world.log.end.timeline
        )
        let facts = ShardFacts(
            state: state,
            present: world.activePeers,
            peers: [World.n1.id: own],
            time: world.wallOrigin
        )
        let losses = Explanation(facts).losses
        let loss = try #require(losses.first { $0.peer == lost })
        world.asked = []
        try world.execute(lines: "rmpeer \(lost.id.text)")
        switch loss.outcome {
        case .change(let actor, let new):
            #expect(actor == World.n1)
            #expect(world.written.first == new)
        case .blocked(let actor, let reasons):
            #expect(actor == World.n1)
            #expect(world.written.isEmpty)
            #expect(!reasons.isEmpty)
            for reason in reasons { #expect(world.asked.contains(.report(reason))) }
        case .absent, .nobody, .nothing:
            Issue.record("n1 would have to act")
        }
    }
}
