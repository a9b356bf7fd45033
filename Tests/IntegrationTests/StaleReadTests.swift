import Foundation
import ManateeCore
import ManateeLocal
import ManateePostgres
import Testing

@Suite("Reads on a primary that is cut off", .serialized, .timeLimit(.minutes(5)))
struct StaleReadTests {
    @Test func `end when neither the store nor the sync is heard, and begin again when one is`()
        async throws
    {
        try await RunningShard.with { running in
            let shard = running.shard
            let (primary, sync) = (try await running.primary(), try await running.sync())
            try await running.underLoad {
                let session = try await shard.observer.application()
                await shard.stopStore()
                // The sync acknowledges: the store alone changes nothing.
                try await running.acknowledged(100)
                _ = try await session.query("select 1")
                await shard.kill(sync)
                try await Waiting.until("the end of the session", within: .seconds(60)) {
                    // Its only way to fail is its end.
                    let answer = try? await session.query("select 1")
                    return answer == nil ? .there(()) : .notYet("it answers")
                }
                await #expect(throws: PostgresError.self) {
                    try await shard.observer.application()
                }
                let log = try String(
                    contentsOfFile: shard.directory.logFile(primary),
                    encoding: .utf8
                )
                #expect(log.contains("neither the store nor the sync was heard for"))
                try await shard.startStore()
                try await running.acknowledged(100)
                try await shard.start(sync)
                try await shard.waitUntilHealthy(within: .seconds(60))
            }
            try await running.expectNothingLost()
        }
    }
}
