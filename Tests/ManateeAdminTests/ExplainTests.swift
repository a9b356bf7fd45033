import ManateeCore
import ManateePorts
import Testing

@Suite("manatee-adm explain")
struct ExplainTests {
    private let peers = (1...3).map { PeerID("10.0.0.\($0):5432:12345") }

    private func explain(_ sitters: [PeerID: SitterSighting]) async throws -> String {
        let cluster = try #require(ExampleCluster.named("normalOk"))
        var example = Example(cluster)
        example.sitters = FakeSitters(sightings: sitters)
        return await example.run(["explain"]).standardOutput
    }

    @Test func `asks the sitters whom they hear`() async throws {
        let text = try await explain([
            peers[1]: .answered(SitterReport(hears: [peers[2]], misses: [peers[0]])),
            peers[2]: .answered(SitterReport(hears: [peers[0], peers[1]])),
        ])
        #expect(text.contains("state:   a0000002 cannot hear primary a0000001, but a0000003 can\n"))
        #expect(text.contains("\n  not heard by a0000002, but heard by a0000003\n"))
    }

    @Test func `says which sitter did not answer, and explains the rest`() async throws {
        let text = try await explain([peers[2]: .failed(cause: "connection refused")])
        #expect(
            text.contains(
                "state:   the sitter of async a0000003 did not answer (connection refused): "
            )
        )
        #expect(text.contains("\nif primary a0000001 died now:\n"))
    }

    @Test func `does without all of them`() async throws {
        let silent = SitterSighting.failed(cause: "connection refused")
        let text = try await explain(Dictionary(uniqueKeysWithValues: peers.map { ($0, silent) }))
        #expect(
            text.contains(
                "state:   no sitter answered; this is told from the store and postgres alone\n"
            )
        )
    }
}
