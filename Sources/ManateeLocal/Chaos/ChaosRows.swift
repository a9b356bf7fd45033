import ManateePostgres

/// The rows by which a disturbed shard is judged.
struct ChaosRows: Sendable {
    let shard: DevShard

    private static let patience = Duration.seconds(60)

    /// Makes so many megabytes of rows, and a table for marks.
    func fill(megabytes: Int) async throws {
        let session = try await shard.observer.application()
        _ = try await session.query("CREATE TABLE marks (round int)")
        _ = try await session.query("CREATE TABLE filler (id int, text text)")
        // A row of about a kilobyte, in steps that the synchronous standby keeps up with.
        for step in 0..<max(1, megabytes / 10) {
            _ = try await session.query(
                """
                INSERT INTO filler SELECT g, repeat(md5(random()::text), 30)
                FROM generate_series($1::int, $2::int) g
                """,
                ["\(step * 10_000 + 1)", "\((step + 1) * 10_000)"],
                within: Self.patience
            )
        }
        await session.close()
    }

    /// Writes a mark, and waits until it is seen on a peer.
    func expectMark(_ mark: Int, on peer: Int) async throws {
        let session = try await shard.observer.application()
        _ = try await session.query(
            "INSERT INTO marks VALUES ($1)",
            ["\(mark)"],
            within: Self.patience
        )
        await session.close()
        try await Waiting.until("mark \(mark) on peer \(peer)", within: Self.patience) {
            let session = try await shard.observer.superuser(of: peer, database: "app")
            let rows = try await session.query("SELECT 1 FROM marks WHERE round = $1", ["\(mark)"])
            await session.close()
            return rows.isEmpty ? .notYet("no mark") : .there(())
        }
    }

    /// Whether all peers have the same rows.
    func areSame() async throws -> Bool {
        var answers: Set<[String?]> = []
        for peer in 1...shard.peerCount {
            let session = try await shard.observer.superuser(of: peer, database: "app")
            let rows = try await session.query(
                """
                SELECT count(*), sum(hashtext(id || text)), (SELECT count(*) FROM marks)
                FROM filler
                """,
                within: Self.patience
            )
            await session.close()
            answers.formUnion(rows.map { row in (0..<3).map { row[$0] } })
        }
        return answers.count == 1
    }
}
