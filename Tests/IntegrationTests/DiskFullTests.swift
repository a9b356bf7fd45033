import Foundation
import ManateeCore
import ManateeLocal
import ManateePostgres
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

        @Test func `keeps a primary that has hardly any room until another peer has a copy`()
            async throws
        {
            try await RunningShard.with(ownDisks: true) { running in
                let shard = running.shard
                let (primary, sync) = (try await running.primary(), try await running.sync())
                let third = 6 - primary - sync
                let disks = PeerDisks(directory: running.directory, peers: 1...3)
                try await running.underLoad {
                    // Who streams goes on; nobody can begin to.
                    try await running.setReplication(at: primary, isAllowed: false)
                    await shard.kill(third)
                    try await shard.waitUntil("the async's absence", within: .seconds(60)) {
                        $0.state?.async == []
                    }
                    try FileManager.default.removeItem(
                        atPath: running.directory.dataDirectory(third)
                    )
                    try await shard.start(third)
                    try await shard.waitUntil("the async's return", within: .seconds(60)) {
                        $0.state?.async.count == 1
                    }
                    try disks.fill(primary, leaving: 100 << 20)
                    try await running.says(sync, "no async does that could take its place: waiting")
                    try await running.acknowledged(200)
                    #expect(try await running.primary() == primary)
                    let explained = try await running.run("manatee-adm", "explain")
                    let stays = "peer\(primary) keeps its place until an async serves"
                    #expect(explained.output.contains(stays), "\(explained.output)")

                    try await running.setReplication(at: primary, isAllowed: true)
                    try await shard.waitUntil("the sync as primary", within: .seconds(60)) {
                        $0.state?.generation == Generation(2) && $0.isWritable
                    }
                    #expect(try await running.primary() == sync)
                    try disks.empty(primary)
                    try await shard.waitUntilHealthy(within: .seconds(90))
                    try await running.acknowledged(100)
                }
                try await running.expectNothingLost()
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
    /// Lets peers begin to replicate, or not; whoever does already goes on.
    fileprivate func setReplication(at primary: Int, isAllowed: Bool) async throws {
        let session = try await shard.observer.superuser(of: primary)
        let login = isAllowed ? "login" : "nologin"
        _ = try await session.query(
            "alter role \(Secrets.replicator) \(login)",
            within: .seconds(10)
        )
        await session.close()
    }

    /// Waits until the peer's log has the text.
    fileprivate func says(_ peer: Int, _ text: String) async throws {
        let file = directory.logFile(peer)
        try await Waiting.until("'\(text)' in \(file)", within: .seconds(60)) {
            let log = try String(contentsOfFile: file, encoding: .utf8)
            return log.contains(text) ? .there(()) : .notYet(String(log.suffix(2000)))
        }
    }

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
