import ManateeLocal
import ManateePostgres

/// Fills a database with text that does not shrink, in commits of 64 MiB.
struct Filler: Sendable {
    /// The shard that is filled.
    var shard: DevShard

    private static let chunk = 64
    /// How many segments of 16 MiB are more than `max_wal_size` and `wal_keep_size` keep by default.
    private static let segments = 100
    /// So long may one commit take on a disk that others use, too.
    private static let patience = Duration.seconds(600)

    /// Writes at least so many MiB into a new table on the peer, which must be the primary.
    ///
    /// - Throws: `PostgresError`
    func write(megabytes: Int, into table: String, on primary: Int) async throws {
        let session = try await shard.observer.superuser(of: primary)
        // A first vacuum writes each page of a large table to the log, some time later. What a peer must take
        // back since the last checkpoint would be that, and more of it the longer the steps take.
        _ = try await session.query(
            "CREATE TABLE \(table) (line text) WITH (autovacuum_enabled = off)",
            within: Self.patience
        )
        var left = megabytes
        while left > 0 {
            // A row of 988 characters takes 1 KiB of a page; four of them encode three random bytes.
            let random = min(left, Self.chunk) * 1024 * 988 / 4 * 3
            _ = try await session.query(
                "COPY \(table) FROM PROGRAM 'head -c \(random) /dev/urandom | base64 -w 988'",
                within: Self.patience
            )
            left -= Self.chunk
        }
        await session.close()
    }

    /// Makes the log as long as the server lets it become, however small the database is.
    ///
    /// `pg_rewind` copies all of the source's log, so sizes of databases compare only where the logs are
    /// alike.
    ///
    /// - Throws: `PostgresError`
    func lengthenLog(on primary: Int) async throws {
        let session = try await shard.observer.superuser(of: primary)
        for _ in 0..<Self.segments {
            _ = try await session.query(
                "SELECT pg_logical_emit_message(true, 'bench', ''), pg_switch_wal()",
                within: Self.patience
            )
        }
        await session.close()
    }

    /// Lets the servers of these peers write what they have, so that a copy finds them at rest.
    ///
    /// - Throws: `PostgresError`
    func settle(_ peers: [Int]) async throws {
        for peer in peers {
            let session = try await shard.observer.superuser(of: peer)
            _ = try await session.query("CHECKPOINT", within: Self.patience)
            await session.close()
        }
    }
}
