package import ManateeCore
package import ManateePorts

extension MonitorProbe: PostgresInspection {
    /// Connects, asks, and disconnects; nil if any of that fails.
    package func inspect(_ peer: Peer, within limit: Duration) async -> PostgresCharacter? {
        let deadline = ContinuousClock.now + limit
        do throws(PostgresError) {
            let connection = try await PostgresConnection.open(target(peer), within: limit)
            let rows = try await connection.query(
                """
                select (extract(epoch from clock_timestamp()) * 1000)::bigint, \
                current_setting('server_version_num')::int / 10000, version(), \
                (select datcollate from pg_database where datname = current_database()), \
                current_setting('synchronous_commit')
                """,
                within: deadline - ContinuousClock.now
            )
            await connection.close()
            return rows.first.flatMap(Self.character)
        } catch {
            // Why it does not answer is what `probe` tells.
            return nil
        }
    }

    private static func character(_ columns: PostgresConnection.Row) -> PostgresCharacter? {
        guard columns.count == 5, let clock = columns[0].flatMap({ Int64($0) }),
            let version = columns[1].flatMap({ Int($0) })
        else { return nil }
        return PostgresCharacter(
            clockMilliseconds: clock,
            majorVersion: version,
            description: columns[2] ?? "",
            collation: columns[3] ?? "",
            synchronousCommit: columns[4] ?? ""
        )
    }
}
