import ManateeCore

/// What another server says about its copy of the log.
struct LogCopy: Sendable, Equatable {
    /// The database that it is a copy of.
    var system: SystemIdentifier
    /// Its end and the way there.
    var sample: WALSample
    /// Whether the server follows another.
    var inRecovery: Bool

    /// Asks a server over a connection that understands replication commands.
    ///
    /// `IDENTIFY_SYSTEM` tells of a primary what is flushed, and of a standby the end of what it has
    /// flushed or replayed, whichever is further, on the timeline that it replays: what rule S3 wants.
    init(askedOf connection: PostgresConnection) async throws(PostgresError) {
        let identity = try await connection.query("IDENTIFY_SYSTEM")
        guard let row = identity.first, row.count >= 3,
            let system = row[0].flatMap({ UInt64($0) }),
            let timeline = row[1].flatMap({ UInt32($0) }),
            let end = row[2].flatMap({ LSN($0) })
        else {
            throw .unexpectedAnswer(
                server: "the server",
                statement: "IDENTIFY_SYSTEM",
                seen: "\(identity)"
            )
        }
        var history = TimelineHistory()
        if timeline > 1 {
            let command = "TIMELINE_HISTORY \(timeline)"
            let answer = try await connection.query(command)
            guard let text = answer.first?.last ?? nil, let read = TimelineHistory(parsing: text)
            else {
                throw .unexpectedAnswer(
                    server: "the server",
                    statement: command,
                    seen: "\(answer)"
                )
            }
            history = read
        }
        let recovery = try await connection.query("select pg_is_in_recovery()")
        self.system = SystemIdentifier(system)
        sample = WALSample(
            end: WALPosition(timeline: TimelineID(timeline), lsn: end),
            history: history
        )
        inRecovery = recovery.first?.first == "t"
    }
}
