import ManateePostgres

/// A client that writes one row after another, as an application does: wherever the primary is.
///
/// Each write is one INSERT that commits by itself. A write counts as acknowledged only when the
/// server said that it succeeded; after anything else nobody knows, and it is never repeated.
package struct WriterClient: Sendable {
    /// Which client it is, counted from 0.
    package var number: Int
    /// Where the shard is.
    package var observer: ShardObserver
    /// Where outcomes are kept.
    package var log: WriteLog

    /// The client `number` of the shard that `observer` looks at.
    package init(number: Int, observer: ShardObserver, log: WriteLog) {
        self.number = number
        self.observer = observer
        self.log = log
    }

    /// The table that all clients write to.
    package static let createTable =
        "CREATE TABLE IF NOT EXISTS writes (id bigint PRIMARY KEY, client int NOT NULL)"
    private static let insert = "INSERT INTO writes (id, client) VALUES ($1, $2)"
    /// Between two writes: some hundred a second per client leave a small machine air to breathe.
    private static let pace = Duration.milliseconds(2)
    /// Between two attempts to find the primary.
    private static let retryPause = Duration.milliseconds(20)
    /// A write that hangs longer is given up as unknown, and the primary is looked for again.
    private static let patience = Duration.seconds(3)

    /// Writes until the log is closed, or it is cancelled; a write that is cancelled counts as unknown.
    package func run() async {
        var attempt = number
        while !Task.isCancelled, !log.isClosed {
            do {
                let connection = try await observer.application(startingAt: attempt)
                await write(to: connection)
                await connection.close()
            } catch {
                // No primary now; that is what the log's gap shows.
            }
            attempt += 1
            // Ends early only when the client is cancelled.
            try? await Task.sleep(for: Self.retryPause)
        }
    }

    /// Writes until something goes wrong.
    private func write(to connection: PostgresConnection) async {
        while !Task.isCancelled, !log.isClosed {
            let id = log.begin()
            do {
                _ = try await connection.query(
                    Self.insert,
                    [String(id), String(number)],
                    within: Self.patience
                )
                log.acknowledge(id, at: .now)
                try await Task.sleep(for: Self.pace)
            } catch is CancellationError {
                return
            } catch {
                log.lose(id)
                return
            }
        }
    }
}
