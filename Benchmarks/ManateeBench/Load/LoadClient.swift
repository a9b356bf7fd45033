import ManateePostgres

/// An application's client that writes one row after another, or reads, wherever libpq finds a server.
///
/// A write is one INSERT that commits by itself. It counts as acknowledged only when the server said that
/// it succeeded; after anything else nobody knows, and it is never repeated.
struct LoadClient: Sendable {
    /// What a client does.
    enum Task: String, Sendable {
        /// It writes on the primary.
        case write
        /// It reads on any server.
        case read
    }

    var number: Int
    var task: Task
    var system: any BenchSystem
    var passfile: String
    var log: LoadLog

    static let createTable =
        "CREATE TABLE IF NOT EXISTS writes (id bigint PRIMARY KEY, client int NOT NULL)"
    private static let insert = """
        INSERT INTO writes (id, client) VALUES ($1, $2)
        RETURNING host(inet_server_addr()),
            ('x' || left(pg_walfile_name(pg_current_wal_insert_lsn()), 8))::bit(32)::int
        """
    private static let select = "SELECT max(id) FROM writes"
    /// Between two statements of one client.
    private static let pace = Duration.milliseconds(4)
    /// Between two attempts to find a server.
    private static let retryPause = Duration.milliseconds(10)
    /// A statement that hangs longer is given up, and a server is looked for again.
    private static let patience = Duration.seconds(1)
    /// An attempt to connect that hangs longer begins anew at the next server of the list; each time another
    /// limit, because clients that fell silent together would else look for a server at the same moments.
    private static var connectPatience: Duration { .milliseconds(Int.random(in: 200...500)) }

    /// Works until it is cancelled; a write that is cancelled counts as unknown.
    func run() async {
        var attempt = number
        while !_Concurrency.Task.isCancelled {
            do {
                let connection = try await system.application(
                    startingAt: attempt,
                    for: task == .write ? "read-write" : "any",
                    passfile: passfile,
                    within: Self.connectPatience
                )
                switch task {
                case .write: await write(to: connection)
                case .read: await read(from: connection)
                }
                await connection.close()
            } catch {
                // No server now; that is what the log's gap shows.
            }
            attempt += 1
            // Ends early only when the client is cancelled.
            try? await _Concurrency.Task.sleep(for: Self.retryPause)
        }
    }

    private func write(to connection: PostgresConnection) async {
        while !_Concurrency.Task.isCancelled {
            let id = log.beginWrite()
            let begun = ContinuousClock.now
            do {
                let row = try await connection.query(
                    Self.insert,
                    [String(id), String(number)],
                    within: Self.patience
                ).first
                log.acknowledge(
                    Acknowledgement(
                        id: id,
                        begun: begun,
                        ended: .now,
                        timeline: row?[1].flatMap { Int($0) } ?? 0,
                        server: row?[0] ?? ""
                    )
                )
                try await _Concurrency.Task.sleep(for: Self.pace)
            } catch is CancellationError {
                return
            } catch {
                log.lose(id)
                return
            }
        }
    }

    private func read(from connection: PostgresConnection) async {
        while !_Concurrency.Task.isCancelled {
            do {
                _ = try await connection.query(Self.select, within: Self.patience)
                log.answered(at: .now)
                try await _Concurrency.Task.sleep(for: Self.pace)
            } catch {
                return
            }
        }
    }
}
