/// Clients that fill the log.
extension WriteLog {
    /// Runs `body` while clients write; they stop in order when it ends.
    package func whileClientsWrite<Value: Sendable>(
        _ clients: Int,
        to observer: ShardObserver,
        _ body: () async throws -> Value
    ) async throws -> Value {
        try await withThrowingTaskGroup { group in
            for number in 0..<clients {
                group.addTask {
                    await WriterClient(number: number, observer: observer, log: self).run()
                }
            }
            do {
                let value = try await body()
                close()
                try await group.waitForAll()
                return value
            } catch {
                group.cancelAll()
                throw error
            }
        }
    }

    /// Waits until `count` more writes were acknowledged.
    package func acknowledgements(_ count: Int, within limit: Duration) async throws {
        let goal = acknowledged.count + count
        try await Waiting.until("\(count) more acknowledged writes", within: limit) {
            let seen = acknowledged.count
            return seen >= goal ? .there(()) : .notYet("\(seen - goal + count) came")
        }
    }
}
