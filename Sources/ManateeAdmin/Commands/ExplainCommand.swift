import ArgumentParser
import ManateeCore
import ManateePorts
import ManateeWire

/// `explain`: what each peer does and why, and what would follow if one of them died now.
struct ExplainCommand: AdmSubcommand {
    static let configuration = CommandConfiguration(
        commandName: "explain",
        abstract: "Explain what the peers do, and what they would do if one of them died now.",
        usage: "manatee-adm explain [OPTIONS]"
    )

    @OptionGroup var shard: ShardOptions
    @OptionGroup var postgres: ProbeOptions
    @OptionGroup var output: OutputOptions

    func execute(in session: AdmSession) async throws -> AdmExit {
        let target = try shard.target(in: session)
        let limit = try postgres.limit()
        let isJSON = try output.isJSON()
        let details = try await ClusterLoader(session: session, target: target).load(
            askingPostgresWithin: limit
        )
        var facts = details.facts(at: WallTime(milliseconds: session.ports.now()))
        if session.value(of: nil, orEnvironment: "MANATEE_ADM_TEST_STATE") == nil {
            try await ask(facts.present, within: limit, in: session, target, &facts)
        }
        let explanation = Explanation(facts)
        if isJSON {
            let value = ExplanationJSON.value(explanation, cluster: target.shard)
            try session.write(JSONText.text(value) + "\n")
        } else {
            try session.write(explanation.text)
        }
        return .success
    }
    /// Adds what only the sitters know: whom each of them hears.
    private func ask(
        _ peers: [Peer],
        within limit: Duration,
        in session: AdmSession,
        _ target: ShardTarget,
        _ facts: inout ShardFacts
    ) async throws(AdmFailure) {
        let probe: any SitterProbe
        do {
            probe = try session.ports.sitters(target.configurationPath)
        } catch {
            throw AdmFailure.operation("\(error)")
        }
        let answers = await withTaskGroup(of: (Peer, SitterSighting).self) { group in
            for peer in peers {
                group.addTask { (peer, await probe.ask(peer, within: limit)) }
            }
            var answers: [Peer: SitterSighting] = [:]
            for await (peer, sighting) in group { answers[peer] = sighting }
            return answers
        }
        for peer in peers {
            switch answers[peer] {
            case .answered(let report):
                facts.note(peer.id, hears: report.hears, misses: report.misses)
            case .failed(let cause):
                facts.peers[peer.id, default: .init()].mute = cause
            case nil:
                break
            }
        }
    }
}
