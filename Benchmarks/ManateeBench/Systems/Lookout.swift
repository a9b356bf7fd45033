import ManateePostgres

/// Asks every peer's postgres who it is, over sessions that stay open, so that looking costs little.
actor Lookout {
    private let system: any BenchSystem
    private var sessions: [Node: PostgresConnection] = [:]

    /// A lookout over the peers of `system`.
    init(over system: any BenchSystem) {
        self.system = system
    }

    /// Asks all peers, each for half a second at most.
    func look() async -> Topology {
        var answers: [Node: Answer] = [:]
        await withTaskGroup(of: (Node, Answer?).self) { group in
            for node in system.lab.peers {
                group.addTask { (node, await self.ask(node)) }
            }
            for await (node, answer) in group { answers[node] = answer }
        }
        let primary = answers.filter { !$0.value.inRecovery }
            .max { $0.value.timeline < $1.value.timeline }
        let sync = primary.flatMap { primary in
            system.lab.peers.first { $0.address == primary.value.syncAddress }
        }
        return Topology(
            primary: primary?.key,
            sync: sync,
            timeline: primary?.value.timeline ?? 0,
            streaming: Set(answers.filter(\.value.streams).keys)
        )
    }

    private struct Answer {
        var inRecovery: Bool
        var timeline: Int
        var syncAddress: String?
        var streams: Bool
    }

    private static let patience = Duration.milliseconds(500)

    private static let question = """
        SELECT pg_is_in_recovery(),
            CASE WHEN pg_is_in_recovery() THEN 0
            ELSE ('x' || left(pg_walfile_name(pg_current_wal_insert_lsn()), 8))::bit(32)::int END,
            (SELECT host(client_addr) FROM pg_stat_replication
                WHERE state = 'streaming' AND sync_state IN ('sync', 'quorum') LIMIT 1),
            EXISTS (SELECT FROM pg_stat_wal_receiver WHERE status = 'streaming')
        """

    /// The answer of one peer; nil if it gives none: then it has no place.
    private func ask(_ node: Node) async -> Answer? {
        do {
            let session = try await session(with: node)
            let row = try await session.query(Self.question, within: Self.patience)[0]
            return Answer(
                inRecovery: row[0] == "t",
                timeline: row[1].flatMap { Int($0) } ?? 0,
                syncAddress: row[2],
                streams: row[3] == "t"
            )
        } catch {
            sessions[node] = nil
            return nil
        }
    }

    private func session(with node: Node) async throws(PostgresError) -> PostgresConnection {
        if let session = sessions[node] { return session }
        let session = try await system.superuser(of: node, within: Self.patience)
        sessions[node] = session
        return session
    }
}
