import Foundation
import Glibc
import ManateeCore

/// Restores that are disturbed at random points: a peer is asked to copy its data anew, and while the
/// copy is on its way, one of those who take part is killed.
package struct RestoreChaos: Sendable {
    /// The shard that it happens to; nothing of it runs yet.
    package var shard: DevShard
    /// How many restores are disturbed.
    package var rounds: Int
    /// About how large the database is.
    package var megabytes: Int
    /// Told what happens, for people.
    package var say: @Sendable (String) -> Void
    /// Told each round when it is over.
    package var tell: @Sendable (RestoreChaosReport.Round) -> Void

    /// Disturbances of `shard`.
    package init(
        shard: DevShard,
        rounds: Int,
        megabytes: Int,
        say: @escaping @Sendable (String) -> Void,
        tell: @escaping @Sendable (RestoreChaosReport.Round) -> Void
    ) {
        self.shard = shard
        self.rounds = rounds
        self.megabytes = megabytes
        self.say = say
        self.tell = tell
    }

    static let startLimit = Duration.seconds(180)
    /// How long a peer may need to stream again after a disturbance.
    static let returnLimit = Duration.seconds(300)
    /// How long leftovers may stay: above all what a backup server waits for a receiver that is gone.
    private static let settleLimit = Duration.seconds(90)

    private var storage: DevStorage { shard.settings.storage ?? .directory }

    private var processes: ShardProcesses {
        ShardProcesses(directory: shard.directory, settings: shard.settings)
    }

    /// Plays all rounds.
    ///
    /// - Throws: ``WaitFailure`` when a peer did not come back, and what starting things throws. Whatever
    ///   it throws, the shard is to be stopped by the caller.
    package func play() async throws -> RestoreChaosReport {
        try await shard.startAll()
        try await shard.waitUntilHealthy(within: Self.startLimit)
        try await ChaosRows(shard: shard).fill(megabytes: megabytes)
        try await shard.waitUntilHealthy(within: Self.startLimit)
        say("the shard is whole, with \(megabytes) MB of rows")
        let mounts = try await leftovers().mounts
        var report = RestoreChaosReport(rounds: [], sameRows: false)
        var bag: [RestoreDisturbance] = []
        while report.rounds.count < rounds {
            if bag.isEmpty { bag = RestoreDisturbance.possible(on: storage).shuffled() }
            let what = bag.removeLast()
            let number = report.rounds.count + 1
            guard var round = try await disturb(number, by: what) else {
                say("the copy was over before \(what.rawValue) could be disturbed; once more")
                bag.append(what)
                continue
            }
            try await settle(&round, mounts: mounts)
            report.rounds.append(round)
            tell(round)
        }
        report.sameRows = try await ChaosRows(shard: shard).areSame()
        return report
    }

    // MARK: A round

    /// A restore with a disturbance, until the peer streams again; nil if the copy was too fast.
    private func disturb(
        _ number: Int,
        by what: RestoreDisturbance
    ) async throws -> RestoreChaosReport.Round? {
        let status = try await shard.waitUntilHealthy(within: Self.returnLimit)
        guard let last = status.state?.chain.last, let receiver = shard.observer.number(of: last.id)
        else { throw StoryFailure.noPrimary(status.line(expecting: shard.peerCount)) }
        var watch = RestoreWatch(shard: shard, receiver: receiver)
        await watch.begin()
        let goal = what == .receivingPostgres ? 1 : Double.random(in: 0.02...0.7)
        let request = shard.settings.rebuildRequest(receiver, in: shard.directory)
        guard FileManager.default.createFile(atPath: request, contents: nil) else {
            throw DevDirectoryFailure.unusable(
                path: request,
                reason: String(cString: strerror(errno))
            )
        }
        let seen = try await watch.reach(goal)
        guard what == .receivingPostgres || seen.outcome == nil,
            let sender = shard.observer.number(of: PeerID(seen.source)),
            try await strike(what, receiver: receiver, sender: sender)
        else {
            try await watch.end()
            return nil
        }
        let began = ContinuousClock.now
        // A supervisor starts what ended.
        try await shard.start(sender)
        try await shard.start(receiver)
        try await watch.end()
        try await shard.waitUntilHealthy(within: Self.returnLimit)
        let took = began.duration(to: .now)
        try await ChaosRows(shard: shard).expectMark(number, on: receiver)
        return RestoreChaosReport.Round(
            round: number,
            disturbance: what,
            receiver: receiver,
            sender: sender,
            atBytes: seen.completed,
            atPercent: Int((seen.fraction ?? 0) * 100),
            attempts: watch.attempts,
            resumed: what == .connection && watch.wentOn(from: seen),
            secondsToStream: Double(took.milliseconds) / 1000,
            secondsToSettle: 0,
            snapshots: 0,
            leaks: []
        )
    }

    /// Does it; false if there was nothing to do it to.
    private func strike(
        _ what: RestoreDisturbance,
        receiver: Int,
        sender: Int
    ) async throws -> Bool {
        switch what {
        case .sender:
            await shard.killBackupServer(sender)
        case .sitter:
            await shard.killSitter(receiver)
        case .receivingTool where storage == .directory:
            let tools = processes.baseBackups(of: receiver)
            return !tools.filter { kill($0.pid, SIGKILL) == 0 }.isEmpty
        case .sendingTool, .receivingTool:
            let peer = what == .sendingTool ? sender : receiver
            let tools = processes.tools(of: peer, verb: what.toolVerb ?? "")
            return !tools.filter { kill($0.pid, SIGKILL) == 0 }.isEmpty
        case .sendingPostgres:
            await shard.killPostgres(sender)
        case .receivingPostgres:
            let data = shard.settings.dataDirectory(receiver, in: shard.directory)
            try await Waiting.until("postgres on the new copy", within: .seconds(60)) {
                ServerProcesses.running(in: data).isEmpty ? .notYet("none runs") : .there(())
            }
            await shard.killPostgres(receiver)
        case .connection:
            guard let sitter = await shard.sitter(of: receiver) else { return false }
            return SocketTable.cut(sitter, to: shard.settings.ports.peers[sender - 1].backup) > 0
        }
        return true
    }

    // MARK: Leftovers

    private func leftovers() async throws -> StorageLeftovers {
        try await StorageLeftovers.look(shard.settings, in: shard.directory)
    }

    /// Waits until nothing is left of a round, and notes what stays.
    private func settle(_ round: inout RestoreChaosReport.Round, mounts: Set<String>) async throws {
        let began = ContinuousClock.now
        while true {
            let storage = try await leftovers()
            round.snapshots = storage.snapshots
            round.leaks =
                processes.strays().map { "process: \($0)" }
                + processes.strayListeners().map { "listener: port \($0)" }
                + storage.isolated.map { "set aside: \($0)" }
                + storage.transient.map { "incomplete: \($0)" }
                + storage.held.map { "hold: \($0)" }
                + storage.mounts.symmetricDifference(mounts).sorted().map { "mount: \($0)" }
            let took = began.duration(to: .now)
            round.secondsToSettle = Double(took.milliseconds) / 1000
            guard !round.leaks.isEmpty, took < Self.settleLimit else { return }
            try await Task.sleep(for: .milliseconds(200))
        }
    }
}
