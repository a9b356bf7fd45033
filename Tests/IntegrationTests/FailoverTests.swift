import Foundation
import ManateeCore
import ManateeLocal
import ManateePostgres
import Testing

@Suite("A shard of real parts", .serialized, .timeLimit(.minutes(5)))
struct FailoverTests {
    @Test func `loses nothing when its primary is killed, and the killed peer comes back`()
        async throws
    {
        try await RunningShard.with { running in
            let shard = running.shard
            let first = try await running.primary()
            try await running.underLoad {
                await shard.kill(first)
                try await shard.waitUntil("the sync as primary", within: .seconds(30)) {
                    $0.state?.generation == Generation(2)
                }
                try await running.acknowledged(100)
                try await shard.start(first)
                try await shard.waitUntilHealthy(within: .seconds(60))
                try await running.acknowledged(100)
            }
            #expect(try await running.primary() != first)
            try await running.expectNothingLost()
        }
    }

    @Test func `runs the hooks of a failover where they belong`() async throws {
        try await RunningShard.with(
            sitterLines: { directory in
                let words = ["takeover", "deposed", "rejoined"].map {
                    "  \($0): [/usr/bin/tee, -a, \"\(Self.told(directory))\"]"
                }
                return ["hooks:"] + words
            },
            { running in
                let shard = running.shard
                let (first, second) = (try await running.primary(), try await running.sync())
                let old = try #require(try await shard.status().state?.primary.id.text)
                let new = try #require(try await shard.status().state?.sync?.id.text)
                await shard.kill(first)
                try await shard.waitUntil("the sync as primary", within: .seconds(30)) {
                    $0.state?.generation == Generation(2)
                }
                try await shard.start(first)
                try await shard.waitUntilHealthy(within: .seconds(60))
                #expect(try await running.primary() == second)
                let expected = ["deposed \(old)", "rejoined \(old)", "takeover \(new)"]
                try await Waiting.until("each hook once", within: .seconds(20)) {
                    let seen = try Self.hooks(running.directory)
                    return seen == expected ? .there(()) : .notYet("\(seen)")
                }
            }
        )
    }

    /// The file to which hooks append what they read.
    private static func told(_ directory: DevDirectory) -> String {
        directory.logFile(1) + ".hooks"
    }

    /// The hooks of generation 2 that ran, each with its peer, in alphabetical order.
    private static func hooks(_ directory: DevDirectory) throws -> [String] {
        struct Told: Decodable {
            var event: String
            var peer: String
            var generation: Int?
        }
        let text = try String(contentsOfFile: told(directory), encoding: .utf8)
        return try text.split(separator: "\n")
            .map { try JSONDecoder().decode(Told.self, from: Data($0.utf8)) }
            .filter { $0.generation == 2 }
            .map { "\($0.event) \($0.peer)" }
            .sorted()
    }

    @Test func `replaces its sync when that is killed`() async throws {
        try await RunningShard.with { running in
            let shard = running.shard
            let (primary, sync) = (try await running.primary(), try await running.sync())
            try await running.underLoad {
                await shard.kill(sync)
                try await shard.waitUntil("another sync", within: .seconds(30)) {
                    $0.state?.generation == Generation(2) && $0.isWritable
                }
                try await running.acknowledged(100)
                try await shard.start(sync)
                try await shard.waitUntilHealthy(within: .seconds(60))
            }
            #expect(try await running.primary() == primary)
            #expect(try await shard.status().state?.deposed == [])
            try await running.expectNothingLost()
        }
    }

    @Test func `fails no write while the store is away, and changes nothing when it returns`()
        async throws
    {
        let seconds = ProcessInfo.processInfo.environment["MANATEE_OUTAGE_SECONDS"].flatMap(
            Int.init
        )
        try await RunningShard.with { running in
            let shard = running.shard
            let before = try await shard.status().state
            try await running.underLoad {
                await shard.stopStore()
                // The outage is what is tested: three times the session's timeout by default.
                try await Task.sleep(for: .seconds(seconds ?? 6))
                try await running.acknowledged(100)
                try await shard.startStore()
                try await shard.waitUntilHealthy(within: .seconds(30))
                try await running.acknowledged(100)
            }
            #expect(running.log.unknown == [])
            #expect(try await shard.status().state == before)
            try await running.expectNothingLost()
            print(
                "store away for \(seconds ?? 6) s: \(running.log.acknowledged.count) writes "
                    + "acknowledged, \(running.log.unknown.count) failed, generation "
                    + "\(before?.generation.number ?? -1) before and after"
            )
        }
    }

    @Test func `keeps its roles while it is frozen, and fails over once it is not`() async throws {
        try await RunningShard.with { running in
            let shard = running.shard
            let frozen = try await running.run("manatee-adm", "freeze", "-r", "maintenance")
            #expect(frozen.status == 0, "\(frozen.output)")
            #expect(frozen.output == "Frozen.\n")
            let first = try await running.primary()
            await shard.kill(first)
            try await shard.waitUntil("the primary gone", within: .seconds(30)) { status in
                status.state.map { !status.present.contains($0.primary.id) } ?? false
            }
            let log = shard.directory.logFile(try await running.sync())
            try await Waiting.until("the sync's refusal", within: .seconds(30)) {
                let text = try String(contentsOfFile: log, encoding: .utf8)
                return text.contains("frozen") ? .there(()) : .notYet("nothing in the log")
            }
            let state = try #require(try await shard.status().state)
            #expect(state.generation == Generation(1))
            #expect(state.freeze?.reason == "maintenance")
            let unfrozen = try await running.run("manatee-adm", "unfreeze")
            #expect(unfrozen.output == "Unfrozen.\n")
            try await shard.waitUntil("the sync as primary", within: .seconds(30)) {
                $0.state?.generation == Generation(2) && $0.isWritable
            }
        }
    }

    @Test func `hands over without divergence when its primary is stopped in order`() async throws {
        try await RunningShard.with { running in
            let shard = running.shard
            let primary = try await running.primary()
            try await running.underLoad {
                let begun = ContinuousClock.now
                await shard.stop(primary)
                let took = ContinuousClock.now - begun
                #expect(took < .seconds(15), "SIGTERM took \(took)")
                try await shard.waitUntil("the sync as primary", within: .seconds(30)) {
                    $0.state?.generation == Generation(2) && $0.isWritable
                }
                try await shard.start(primary)
                try await shard.waitUntilHealthy(within: .seconds(60))
            }
            try await running.expectNothingLost()
            let log = shard.directory.logFile(primary)
            #expect(try !String(contentsOfFile: log, encoding: .utf8).contains("rewound"))
        }
    }

    @Test func `survives the loss of its store's leader`() async throws {
        try await RunningShard.with(storeNodes: 3, sessionTimeout: .seconds(6)) { running in
            let shard = running.shard
            let before = try await shard.status().state
            try await running.underLoad {
                let leader = try #require(await leader(of: shard.storeServers))
                await leader.kill()
                try await running.acknowledged(200)
                try await shard.waitUntilHealthy(within: .seconds(30))
            }
            #expect(running.log.unknown == [])
            #expect(try await shard.status().state == before)
        }
    }

    private func leader(of servers: [ZooKeeperServer]) async -> ZooKeeperServer? {
        for server in servers where await server.report()?.mode == "leader" { return server }
        return nil
    }
}
