import Foundation
import ManateeCore
package import ManateeLocal
import ManateePostgres

/// Measures one storage with one size of database, on a shard of three peers.
package struct StorageRun: Sendable {
    /// The shard; nothing of it runs yet.
    package var shard: DevShard
    /// The size that the database is filled to, in MiB.
    package var megabytes: Int
    /// Told each result when it is there.
    package var add: @Sendable (StorageResult) -> Void

    /// A run of `shard`.
    package init(
        shard: DevShard,
        megabytes: Int,
        add: @escaping @Sendable (StorageResult) -> Void
    ) {
        self.shard = shard
        self.megabytes = megabytes
        self.add = add
    }

    /// The peer that comes later than the others, without data.
    private static let newcomer = 3
    /// What is written while the deposed primary is away, in MiB.
    private static let missed = 100
    /// The others' sessions at the store end if they are frozen for longer.
    private static let divergeLimit = Duration.seconds(8)
    private static let startLimit = Duration.seconds(180)
    private static let copyLimit = Duration.seconds(1800)

    /// Fills the database, builds a peer, copies the same by hand, and lets a primary diverge and return.
    ///
    /// - Throws: `WaitFailure` when a step did not come about. Whatever it throws, the shard is to be
    ///   stopped by the caller.
    package func run() async throws {
        try await shard.startStore()
        for peer in 1..<Self.newcomer { try await shard.start(peer) }
        let status = try await shard.waitUntil("primary and sync", within: Self.startLimit) {
            $0.hasSync
        }
        let primary = try number(of: status.state?.primary.id)
        let filler = Filler(shard: shard)
        try await filler.write(megabytes: megabytes, into: "filler", on: primary)
        try await filler.lengthenLog(on: primary)
        try await filler.settle(Array(1..<Self.newcomer))
        let copied = try await size(of: primary)
        let source = try await build(copied)
        let plain = try await PlainCopy(shard: shard, source: source).run()
        report(.plainCopy, plain.time, copied, by: plain.command)
        try await rejoin(filler)
    }

    /// Starts the peer without data; returns who gave it a copy.
    private func build(_ copied: Int) async throws -> Int {
        let id = shard.observer.id(of: Self.newcomer)
        let begun = ContinuousClock.now
        try await shard.start(Self.newcomer)
        try await shard.waitUntil("the new peer to stream", within: Self.copyLimit) {
            $0.streams(id)
        }
        let time = begun.duration(to: .now)
        let port = shard.settings.ports.peers[Self.newcomer - 1].status
        guard let restore = try Restore.ofSitter(at: port) else {
            throw BenchFailure("the new peer streams, but its sitter knows of no copy")
        }
        report(.build, time, copied, by: restore.method)
        return try number(of: PeerID(restore.source))
    }

    private func rejoin(_ filler: Filler) async throws {
        let before = try await shard.waitUntilHealthy(within: Self.startLimit)
        let victim = try number(of: before.state?.primary.id)
        try await killDiverged(victim)
        try await shard.waitUntil("another primary that admits writes", within: Self.startLimit) {
            $0.state?.primary.id != before.state?.primary.id && $0.hasSync && $0.isWritable
        }
        let successor = try number(of: try await shard.status().state?.primary.id)
        try await filler.write(megabytes: Self.missed, into: "missed", on: successor)

        let log = URL(filePath: shard.directory.logFile(victim))
        let logged = try Data(contentsOf: log).count
        let id = shard.observer.id(of: victim)
        let begun = ContinuousClock.now
        try await shard.start(victim)
        try await shard.waitUntil("the deposed primary to stream", within: Self.copyLimit) {
            $0.streams(id)
        }
        let time = begun.duration(to: .now)
        let news = try Data(contentsOf: log).dropFirst(logged)
        report(.rejoin, time, nil, by: RejoinLog.way(in: String(decoding: news, as: UTF8.self)))
    }

    /// Kills the primary after it wrote what nobody else got, nor any client was told of.
    private func killDiverged(_ victim: Int) async throws {
        let session = try await shard.observer.superuser(of: victim)
        let others = (1...shard.peerCount).filter { $0 != victim }
        for peer in others { await shard.freeze(peer) }
        do {
            // A sender that lived on would leave it in the buffers of the frozen.
            for statement in [
                "SELECT pg_terminate_backend(pid) FROM pg_stat_replication",
                "SET synchronous_commit = local",
                "CREATE TABLE diverged AS SELECT generate_series(1, 10000) AS id",
            ] { _ = try await session.query(statement, within: Self.divergeLimit) }
        } catch {
            for peer in others { await shard.resume(peer) }
            throw error
        }
        await shard.kill(victim)
        for peer in others { await shard.resume(peer) }
    }

    // MARK: Looking

    private func number(of id: PeerID?) throws -> Int {
        guard let number = id.flatMap(shard.observer.number) else {
            throw BenchFailure("\(id.map { "\($0)" } ?? "nobody") is none of the shard's peers")
        }
        return number
    }

    /// How much the peer's data directory holds, in MiB.
    private func size(of peer: Int) async throws -> Int {
        let data = shard.settings.dataDirectory(peer, in: shard.directory)
        let said = try await Tool.run("du", "-s", "--apparent-size", "--block-size=1M", data)
        guard let size = said.split(whereSeparator: \.isWhitespace).first.flatMap({ Int($0) })
        else { throw BenchFailure("du said of \(data): \(said)") }
        return size
    }

    private func report(
        _ measure: StorageResult.Measure,
        _ time: Duration,
        _ copied: Int?,
        by way: String
    ) {
        add(
            StorageResult(
                storage: (shard.settings.storage ?? .directory).rawValue,
                databaseMegabytes: megabytes,
                measure: measure,
                seconds: Double(time.wholeMilliseconds) / 1000,
                copiedMegabytes: copied,
                way: way
            )
        )
    }
}

extension ShardStatus {
    /// Whether the sync streams from the primary.
    fileprivate var hasSync: Bool { state?.sync.map { streams($0.id) } ?? false }
}
