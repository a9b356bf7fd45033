import ManateeClient
import ManateeCore
import ManateeLocal
import Testing
import ZooKeeperClient

@Suite("A client of a shard of real parts", .serialized, .timeLimit(.minutes(5)))
struct ClientTests {
    @Test func `sees two failovers as the original's client does`() async throws {
        try await RunningShard.with { running in
            let shard = running.shard
            let path = "/manatee/\(shard.settings.shard)"
            var configuration = try ZooKeeperConfiguration(shard.settings.storeServers)
            configuration.sessionTimeout = .seconds(4)
            try await ManateeClient.withClient(configuration) { [configuration] client in
                let ours = try client.shard(path)
                try await ZooKeeperClient.withClient(configuration) { raw in
                    let original = OriginalClient(client: raw, path: path)
                    try await withThrowingTaskGroup(of: Void.self) { group in
                        group.addTask { try await original.run() }
                        for generation in 1...2 {
                            try await agree(running, ours, original)
                            let primary = try await ours.primary()
                            #expect(primary.token == FencingToken(generation))
                            let first = try await running.primary()
                            await shard.kill(first)
                            try await shard.waitUntil("a takeover", within: .seconds(30)) {
                                $0.state?.generation == Generation(generation + 1) && $0.isWritable
                            }
                            try await agree(running, ours, original)
                            try await shard.start(first)
                            try await shard.waitUntilHealthy(within: .seconds(60))
                        }
                        try await agree(running, ours, original)
                        #expect(ours.status == .following)
                        #expect(original.errors == 0)
                        group.cancelAll()
                        // What the cancellation makes of the reader is of no interest.
                        while await group.nextResult() != nil {}
                    }
                }
            }
        }
    }

    /// Waits until both say what the cluster state says.
    private func agree(
        _ running: RunningShard,
        _ ours: Shard,
        _ original: OriginalClient
    ) async throws {
        let chain = try #require(try await running.shard.status().state?.chain)
        let urls = chain.map(\.postgresURL)
        try await Waiting.until("both clients at \(urls)", within: .seconds(20)) {
            ours.topology?.urls == urls && original.told.last == urls
                ? .there(()) : .notYet("\(ours.topology?.urls ?? []), \(original.told.last ?? [])")
        }
    }
}
