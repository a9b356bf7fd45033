import Foundation
import ManateeCore
import ManateeLocal
import Testing

@Suite("A planned change of primary on a real shard", .serialized, .timeLimit(.minutes(5)))
struct HandoverTests {
    @Test(arguments: ["promote", "switchover"])
    func `loses nothing, deposes nobody, and the old primary streams again by itself`(
        _ command: String
    ) async throws {
        try await RunningShard.with { running in
            let shard = running.shard
            let (old, new) = (try await running.primary(), try await running.sync())
            let sync = try #require(try await shard.status().state?.sync)
            try await running.underLoad {
                let begin = ContinuousClock.now
                let result =
                    command == "promote"
                    ? try await running.run(
                        "manatee-adm",
                        "promote",
                        "-y",
                        "-r",
                        "sync",
                        "-n",
                        sync.zoneID
                    )
                    : try await running.run("manatee-adm", "switchover", "-y")
                #expect(result.status == 0, "\(result.output)")
                try await shard.waitUntilHealthy(within: .seconds(60))
                try await running.acknowledged(100)
                let gap = running.log.writeGap(after: begin)
                print("\(command): longest pause \(gap.map { "\($0)" } ?? "-")\n\(result.output)")
            }
            #expect(try await running.primary() == new)
            let state = try #require(try await shard.status().state)
            #expect(state.generation == Generation(2))
            #expect(state.deposed == [] && state.handover == nil && state.promote == nil)
            #expect(state.async.last.flatMap { shard.observer.number(of: $0.id) } == old)
            try await running.expectNothingLost()
            try await expectNoRewind(running, old)
        }
    }

    /// What the old primary had was never other than what the new one has.
    private func expectNoRewind(_ running: RunningShard, _ old: Int) async throws {
        let log = try String(contentsOfFile: running.directory.logFile(old), encoding: .utf8)
        #expect(!log.contains("the own log diverged"), "the log of peer \(old)")
    }

    @Test func `of two peers makes the old primary the sync`() async throws {
        try await RunningShard.with(peers: 2) { running in
            let (old, new) = (try await running.primary(), try await running.sync())
            let sync = try #require(try await running.shard.status().state?.sync)
            try await running.underLoad {
                let result = try await running.run(
                    "manatee-adm",
                    "promote",
                    "-y",
                    "-r",
                    "sync",
                    "-n",
                    sync.zoneID
                )
                #expect(result.status == 0, "\(result.output)")
                try await running.acknowledged(100)
            }
            #expect(try await running.primary() == new)
            #expect(try await running.sync() == old)
            try await running.expectNothingLost()
        }
    }
}
