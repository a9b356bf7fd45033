import Foundation
import ManateeCore
import ManateeLocal
import Testing

/// Failures that the store does not tell in time: its sessions last longer than any of these tests
/// waits.
@Suite("A shard whose store is slow to tell", .serialized, .timeLimit(.minutes(5)))
struct EvidenceTests {
    private static let sessionTimeout = Duration.seconds(40)
    /// Well before the store could tell.
    private static let limit = Duration.seconds(20)
    /// Goes on with `failureDetection`: on a busy machine the sync may be late, and the primary is not to
    /// start its postgres again meanwhile.
    private static let patience = ["  standAside: 20s"]

    @Test func `takes over by the word of a primary whose postgres was killed`() async throws {
        try await loses(.primary, "says that its postgres is gone") { shard, primary in
            await shard.killPostgres(primary)
        }
    }

    @Test func `takes over from a primary that was killed with its sitter`() async throws {
        try await loses(.primary, "refuses connections") { shard, primary in
            await shard.kill(primary)
        }
    }

    @Test func `takes over from a primary that stands still`() async throws {
        try await loses(.primary, "is silent", settling: true) { shard, primary in
            await shard.freeze(primary)
        } afterwards: { shard, primary in
            await shard.resume(primary)
        }
    }

    @Test func `replaces a sync that was killed with its sitter`() async throws {
        try await loses(.sync, "refuses connections") { shard, sync in await shard.kill(sync) }
    }

    @Test func `replaces a sync that stands still`() async throws {
        try await loses(.sync, "is silent", settling: true) { shard, sync in
            await shard.freeze(sync)
        } afterwards: { shard, sync in
            await shard.resume(sync)
        }
    }

    @Test func `takes no sitter alone for a peer that is gone`() async throws {
        try await RunningShard.with(sessionTimeout: Self.sessionTimeout) { running in
            let shard = running.shard
            let primary = try await running.primary()
            let sync = try await running.sync()
            try await running.underLoad {
                await shard.killSitter(primary)
                // Until the sync has looked for it for as long as would prove a death.
                try await Task.sleep(for: FailureDetection().silence * 2)
                try await running.acknowledged(100)
                try await shard.start(primary)
                try await shard.waitUntilHealthy(within: .seconds(60))
            }
            #expect(try await shard.status().state?.generation == Generation(1))
            #expect(running.log.unknown == [])
            #expect(try !text(of: shard.directory.logFile(sync)).contains("taking over"))
        }
    }

    // MARK: The same for all

    private enum Place: String, Sendable { case primary, sync }

    /// Loses one peer, and expects the next generation by that evidence while the store still shows the
    /// lost peer as present.
    private func loses(
        _ place: Place,
        _ evidence: String,
        settling: Bool = false,
        _ fault: @escaping @Sendable (DevShard, Int) async -> Void,
        afterwards: @escaping @Sendable (DevShard, Int) async -> Void = { _, _ in }
    ) async throws {
        try await RunningShard.with(
            sessionTimeout: Self.sessionTimeout,
            sitterLines: { _ in Self.patience }
        ) { running in
            let shard = running.shard
            let (primary, sync) = (try await running.primary(), try await running.sync())
            let (lost, declarer) = place == .primary ? (primary, sync) : (sync, primary)
            let id = shard.observer.id(of: lost)
            try await running.underLoad {
                if settling { try await settle(shard) }
                let begun = ContinuousClock.now
                await fault(shard, lost)
                let status = try await shard.waitUntil("the next generation", within: Self.limit) {
                    $0.state?.generation == Generation(2)
                }
                #expect(status.present.contains(id), "the store told first")
                try await running.acknowledged(100)
                let gap = try #require(running.log.writeGap(after: begun))
                print("\(place.rawValue) \(evidence): writes paused for \(gap)")
                await afterwards(shard, lost)
                try await shard.start(lost)
                try await shard.waitUntilHealthy(within: .seconds(90))
            }
            #expect(try text(of: shard.directory.logFile(declarer)).contains(evidence))
            #expect(try await running.primary() == declarer)
            try await running.expectNothingLost()
        }
    }

    /// Waits until the generation is old enough for changes on suspicion.
    private func settle(_ shard: DevShard) async throws {
        try await Task.sleep(for: FailureDetection().calm)
    }

    private func text(of file: String) throws -> String {
        try String(contentsOfFile: file, encoding: .utf8)
    }
}
