import Foundation
import ManateeCore
import ManateePostgres

/// Disks that fill up: under load a peer's file system is filled to its last byte, and emptied again
/// once the shard went on without it.
package struct DiskChaos: Sendable {
    /// Whose disk is filled.
    package enum Victim: String, CaseIterable, Codable, Sendable {
        /// The primary's: the sync must take over.
        case primary
        /// The sync's: an async must take its place.
        case sync
        /// That of an async: the chain must do without.
        case async
        /// Everybody's: nobody can take over, and the shard must go on when there is room again.
        case all
    }

    /// The shard that it happens to, with a disk for each peer; nothing of it runs yet.
    package var shard: DevShard
    /// Whose disks are filled, in this order.
    package var victims: [Victim]
    /// The program `manatee-adm`.
    package var tool: String
    /// Told what happens, for people.
    package var say: @Sendable (String) -> Void

    /// Full disks of `shard`.
    package init(
        shard: DevShard,
        victims: [Victim],
        tool: String,
        say: @escaping @Sendable (String) -> Void
    ) {
        self.shard = shard
        self.victims = victims
        self.tool = tool
        self.say = say
    }

    private static let clients = 3
    /// How many writes are acknowledged between two steps.
    private static let load = 100
    private static let startLimit = Duration.seconds(180)
    /// How long the shard may need to go on without the victim.
    private static let stepLimit = Duration.seconds(90)
    /// How long a peer may need to stream again when there is room.
    private static let returnLimit = Duration.seconds(180)

    /// Plays all rounds.
    ///
    /// - Throws: ``WaitFailure`` when something did not come about, and what starting things throws.
    ///   Whatever it throws, the shard is to be stopped by the caller.
    package func play() async throws -> DiskChaosReport {
        try await shard.startAll()
        try await shard.waitUntilHealthy(within: Self.startLimit)
        let session = try await shard.observer.application()
        _ = try await session.query(WriterClient.createTable)
        await session.close()
        say("the shard is whole")
        let log = WriteLog()
        let rounds = try await log.whileClientsWrite(Self.clients, to: shard.observer) {
            try await log.acknowledgements(Self.load, within: Self.stepLimit)
            var rounds: [DiskChaosReport.Round] = []
            for victim in victims {
                let round = try await fill(victim, log)
                say(round.json)
                rounds.append(round)
            }
            return rounds
        }
        return DiskChaosReport(
            rounds: rounds,
            acknowledged: log.acknowledged.count,
            lost: log.lost(amongRows: try await rows()).count
        )
    }

    /// Fills, looks, and empties.
    private func fill(_ victim: Victim, _ log: WriteLog) async throws -> DiskChaosReport.Round {
        let before = try await shard.waitUntilHealthy(within: Self.returnLimit)
        let peers = peers(victim, in: before)
        let began = ContinuousClock.now
        for peer in peers { try await shard.fillDisk(of: peer) }
        let full = ContinuousClock.now
        let ids = Set(peers.map(shard.observer.id))
        if victim != .all {
            try await shard.waitUntil("the shard to go on", within: Self.stepLimit) { status in
                status.isWritable && status.state.map { Self.isDone($0, without: ids) } ?? false
            }
            try await log.acknowledgements(Self.load, within: Self.stepLimit)
        }
        let writable = ContinuousClock.now
        let told = try await toldShortages(of: peers)
        let emptied = ContinuousClock.now
        for peer in peers { try await shard.emptyDisk(of: peer) }
        try await shard.waitUntilHealthy(within: Self.returnLimit)
        try await log.acknowledgements(Self.load, within: Self.stepLimit)
        let healthy = try await verify()
        return DiskChaosReport.Round(
            victim: victim,
            peers: peers,
            secondsToFill: Self.seconds(began, full),
            secondsToGoOn: victim == .all ? nil : Self.seconds(full, writable),
            writeGapSeconds: log.writeGap(after: began).map {
                Double($0.milliseconds) / 1000
            },
            told: told,
            secondsToReturn: Self.seconds(emptied, .now),
            toldAfterwards: healthy.filter(Self.isShortage)
        )
    }

    private func peers(_ victim: Victim, in status: ShardStatus) -> [Int] {
        let state = status.state
        let peers: [Peer?] =
            switch victim {
            case .primary: [state?.primary]
            case .sync: [state?.sync]
            case .async: [state?.async.last]
            case .all: state?.chain ?? []
            }
        return peers.compactMap { $0.flatMap { shard.observer.number(of: $0.id) } }
    }

    /// Whether nothing depends on the peers any more.
    private static func isDone(_ state: ClusterState, without peers: Set<PeerID>) -> Bool {
        state.sync != nil && state.chain.allSatisfy { !peers.contains($0.id) }
    }

    // MARK: What the tool says

    /// The lines of `manatee-adm verify` about these peers' disks, when there is one for each.
    private func toldShortages(of peers: [Int]) async throws -> [String] {
        try await Waiting.until("manatee-adm verify to tell of it", within: Self.stepLimit) {
            let lines = try await verify()
            let told = peers.compactMap { peer in
                lines.first { Self.isShortage($0) && $0.contains("\"peer\(peer)\"") }
            }
            return told.count == peers.count
                ? .there(told) : .notYet(lines.joined(separator: "\n"))
        }
    }

    private static func isShortage(_ line: String) -> Bool { line.contains("has no space: ") }

    private func verify() async throws -> [String] {
        let file = shard.directory.path + "/verify.log"
        // What an earlier look wrote is not wanted again; the first time there is nothing.
        try? FileManager.default.removeItem(atPath: file)
        var launch = ChildProcess.Launch(program: tool, arguments: ["verify"], logFile: file)
        launch.environment = ProcessInfo.processInfo.environment.merging([
            "SHARD": shard.settings.shard, "ZK_IPS": shard.settings.storeServers,
            "MANATEE_SITTER_CONFIG": shard.directory.configurationFile(1),
        ]) { $1 }
        _ = await (try await ChildProcess.start(launch)).waitForExit()
        return try String(contentsOfFile: file, encoding: .utf8).split(separator: "\n")
            .map(String.init)
    }

    private func rows() async throws -> Set<WriteLog.WriteID> {
        let session = try await shard.observer.application()
        let rows = try await session.query("SELECT id FROM writes", within: Self.stepLimit)
        await session.close()
        return Set(rows.compactMap { $0.first.flatMap { $0 }.flatMap { WriteLog.WriteID($0) } })
    }

    private static func seconds(
        _ begin: ContinuousClock.Instant,
        _ end: ContinuousClock.Instant
    ) -> Double { Double(begin.duration(to: end).milliseconds) / 1000 }
}
