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
        let now = WallTime(milliseconds: session.ports.now())
        let explanation = Explanation(details.facts(at: now))
        if isJSON {
            let value = ExplanationJSON.value(explanation, cluster: target.shard)
            try session.write(JSONText.text(value) + "\n")
        } else {
            try session.write(explanation.text)
        }
        return .success
    }
}

extension ClusterDetails {
    /// What an onlooker knows, for an explanation; the state's version has no part in it.
    func facts(at time: WallTime) -> ShardFacts {
        var facts = ShardFacts(
            state: VersionedState(state, version: StateVersion(0)),
            present: present,
            time: time
        )
        for member in members { facts.peers[member.peer.id] = knowledge(of: member) }
        return facts
    }

    private func knowledge(of member: ClusterMember) -> ShardFacts.PeerFacts {
        let row = rowOfUpstream(of: member.peer)
        switch postgres[member.peer.id] {
        case .answered(let report):
            let isStreaming = row?.state == "streaming"
            return ShardFacts.PeerFacts(
                // A deposed peer is where it should be once it streams.
                postgres: member.role == .deposed && !isStreaming ? .unknown : .asAsked,
                log: report.log ?? row?.flush,
                timeline: report.timeline
            )
        case .failed(let cause):
            // That nobody answers a deposed peer's port is how it should be while it is reconciled.
            return ShardFacts.PeerFacts(
                postgres: member.role == .deposed ? .unknown : .lost(cause),
                log: row?.flush
            )
        case nil:
            return ShardFacts.PeerFacts(log: row?.flush)
        }
    }

    /// The row that another peer shows for `peer`.
    private func rowOfUpstream(of peer: Peer) -> ReplicationRow? {
        for member in members where member.peer != peer {
            guard case .answered(let report)? = postgres[member.peer.id] else { continue }
            if let row = report.replication.first(where: { identify($0) == peer }) { return row }
        }
        return nil
    }
}
