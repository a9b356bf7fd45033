import Foundation
import ManateeCore
import ManateeLocal
import Testing

extension ShardsWithDisks {
    @Suite(
        "A shard with a full disk",
        .serialized,
        .enabled(if: PeerDisks.missing == nil, "\(PeerDisks.missing ?? "")"),
        .timeLimit(.minutes(5))
    )
    struct DiskFullTests {
        @Test func `takes writes at the sync when its primary's disk is full`() async throws {
            try await RunningShard.with(ownDisks: true) { running in
                let victim = try await running.primary()
                try await running.whileFull(victim) { status in
                    status.state?.generation == Generation(2) && status.isWritable
                }
                #expect(try await running.primary() != victim)
            }
        }

        @Test func `takes another sync when that one's disk is full`() async throws {
            try await RunningShard.with(ownDisks: true) { running in
                let (primary, victim) = (try await running.primary(), try await running.sync())
                try await running.whileFull(victim) { status in
                    status.state?.generation == Generation(2) && status.isWritable
                }
                #expect(try await running.primary() == primary)
                #expect(try await running.sync() != victim)
            }
        }

        @Test func `does without an async whose disk is full`() async throws {
            try await RunningShard.with(ownDisks: true) { running in
                let (primary, sync) = (try await running.primary(), try await running.sync())
                let victim = 6 - primary - sync
                try await running.whileFull(victim) { $0.state?.async == [] && $0.isWritable }
                #expect(try await running.primary() == primary)
                #expect(try await running.sync() == sync)
            }
        }

        @Test func `goes on by itself when all disks were full and are not any more`() async throws
        {
            try await RunningShard.with(ownDisks: true) { running in
                let disks = PeerDisks(directory: running.directory, peers: 1...3)
                try await running.underLoad {
                    for peer in 1...3 { try disks.fill(peer) }
                    try await Waiting.until("the tool to tell of all", within: .seconds(60)) {
                        let output = try await running.run("manatee-adm", "verify").output
                        let told = (1...3).filter {
                            output.contains("peer \"peer\($0)\" has no space")
                        }
                        return told.count == 3 ? .there(()) : .notYet(output)
                    }
                    for peer in 1...3 { try disks.empty(peer) }
                    try await running.shard.waitUntilHealthy(within: .seconds(120))
                    try await running.acknowledged(100)
                }
                try await running.expectNothingLost()
            }
        }
    }
}

extension RunningShard {
    /// Fills a peer's disk under load, sees the shard go on and the tool tell, and the peer come back
    /// by itself when there is room again.
    fileprivate func whileFull(
        _ victim: Int,
        goesOn: @escaping @Sendable (ShardStatus) -> Bool
    ) async throws {
        let disks = PeerDisks(directory: directory, peers: 1...shard.peerCount)
        try await underLoad {
            try disks.fill(victim)
            try await shard.waitUntil("the shard to go on", within: .seconds(60), goesOn)
            try await acknowledged(100)
            let verdict = try await run("manatee-adm", "verify")
            #expect(verdict.status == 1)
            #expect(
                verdict.output.contains("peer \"peer\(victim)\" has no space: "),
                "\(verdict.output)"
            )
            try disks.empty(victim)
            try await shard.waitUntilHealthy(within: .seconds(90))
            try await acknowledged(100)
        }
        try await expectNothingLost()
        let healthy = try await run("manatee-adm", "verify")
        #expect(!healthy.output.contains("has no space"), "\(healthy.output)")
    }
}
