import ManateeCore
import ManateeLocal
import Testing

@Suite("A deposed peer that waits for an operator", .serialized, .timeLimit(.minutes(3)))
struct RebuildTests {
    @Test func `streams again after a rebuild, and nobody is deposed then`() async throws {
        try await RunningShard.with(sitterLines: { _ in ["rejoin: manual"] }) { running in
            let victim = try await running.primary()
            let id = running.shard.observer.id(of: victim)
            try await running.underLoad {
                await running.shard.kill(victim)
                try await running.shard.waitUntil("a takeover", within: .seconds(60)) { status in
                    status.state?.generation == Generation(2) && status.isWritable
                }
                try await running.shard.start(victim)
                let status = try await running.shard.waitUntil(
                    "the deposed peer to be there",
                    within: .seconds(30)
                ) { $0.present.contains(id) }
                #expect(status.state?.deposed.map(\.id) == [id])

                let verify = try await running.run("manatee-adm", "verify")
                #expect(verify.status == 1)
                #expect(verify.output.contains("warning: cluster has a deposed peer"))
                #expect(try await running.shard.status().state?.deposed.map(\.id) == [id])

                let rebuild = try await running.run(
                    "manatee-adm",
                    ["rebuild", "-y"],
                    environment: [
                        "MANATEE_SITTER_CONFIG": running.directory.configurationFile(victim)
                    ]
                )
                #expect(rebuild.status == 0, "\(rebuild.output)")
                #expect(rebuild.output.hasSuffix("Rebuild successful\n"), "\(rebuild.output)")
                let whole = try await running.shard.waitUntilHealthy(within: .seconds(30))
                #expect(whole.state?.deposed == [])
                #expect(whole.streams(id))
            }
            let healthy = try await running.run("manatee-adm", "verify", "-v")
            #expect(healthy.output == "all checks passed\n")
            try await running.expectNothingLost()
        }
    }
}
