import Foundation
import ManateeCore
import ManateePostgres

/// The story that shows the promise: two primaries are killed under load, one after the other, and
/// nothing that was acknowledged is missing at the end.
package struct FailoverStory: Sendable {
    /// The shard that it happens to; nothing of it runs yet.
    package var shard: DevShard
    /// Told each thing when it has happened.
    package var say: @Sendable (String) -> Void

    /// A story of `shard`.
    package init(shard: DevShard, say: @escaping @Sendable (String) -> Void) {
        self.shard = shard
        self.say = say
    }

    /// How a story ended.
    package struct Ending: Sendable {
        /// The figures.
        package var report: StoryReport
        /// What happened when.
        package var timeline: StoryTimeline
    }

    /// How many clients write.
    private static let writers = 4
    /// How many writes are acknowledged before and after each failover, so that it happens under load.
    private static let load = 200
    private static let startLimit = Duration.seconds(120)
    private static let takeoverLimit = Duration.seconds(60)
    private static let rejoinLimit = Duration.seconds(120)

    /// Plays the story.
    ///
    /// - Throws: ``WaitFailure`` when a step did not come about, and what starting things throws.
    ///   Whatever it throws, the shard is to be stopped by the caller.
    package func play() async throws -> Ending {
        var telling = Telling(say: say)
        try await shard.startStore()
        telling.add("ZooKeeper serves at \(shard.settings.storeServers)")
        for peer in 1...shard.peerCount { try await shard.start(peer) }
        telling.add("\(shard.peerCount) sitters started")
        let status = try await shard.waitUntilHealthy(within: Self.startLimit)
        telling.add("the shard is whole: \(status.line(expecting: shard.peerCount))")
        let connection = try await shard.observer.application()
        _ = try await connection.query(WriterClient.createTable)
        await connection.close()

        let log = WriteLog()
        let disturbances = try await underLoad(log, &telling) { telling in
            var disturbances: [Disturbance] = []
            for _ in 0..<2 {
                disturbances.append(try await failOver(log, &telling))
            }
            return disturbances
        }
        telling.add("\(log.acknowledged.count) writes acknowledged; the clients stop")
        return try await reckon(log, disturbances, telling)
    }

    /// One killed primary.
    private struct Disturbance {
        var killed: ContinuousClock.Instant
        var rejoin: Duration
    }

    /// Collects the timeline and tells it as it grows.
    private struct Telling: Sendable {
        var timeline = StoryTimeline()
        let beginning = ContinuousClock.now
        let say: @Sendable (String) -> Void

        init(say: @escaping @Sendable (String) -> Void) {
            self.say = say
        }

        mutating func add(_ text: String, at instant: ContinuousClock.Instant = .now) {
            let offset = beginning.duration(to: instant)
            timeline.add(text, at: offset)
            say("\(StoryTimeline.seconds(offset)) s  \(text)")
        }
    }

    private func underLoad<Value: Sendable>(
        _ log: WriteLog,
        _ telling: inout Telling,
        _ body: (inout Telling) async throws -> Value
    ) async throws -> Value {
        try await withThrowingTaskGroup(of: Void.self) { group in
            for number in 0..<Self.writers {
                group.addTask {
                    await WriterClient(number: number, observer: shard.observer, log: log).run()
                }
            }
            telling.add("\(Self.writers) clients write")
            do {
                try await acknowledgements(Self.load, beyond: 0, in: log)
                let value = try await body(&telling)
                log.close()
                try await group.waitForAll()
                return value
            } catch {
                group.cancelAll()
                throw error
            }
        }
    }

    private func acknowledgements(_ count: Int, beyond before: Int, in log: WriteLog) async throws {
        try await Waiting.until(
            "\(count) acknowledged writes",
            within: Self.takeoverLimit,
            tail: { logs },
            {
                let seen = log.acknowledged.count - before
                return seen >= count ? .there(()) : .notYet("\(seen) acknowledged writes")
            }
        )
    }

    private var logs: String {
        LogTail.text((1...shard.peerCount).map(shard.directory.logFile))
    }

    private func failOver(_ log: WriteLog, _ telling: inout Telling) async throws -> Disturbance {
        let before = try await shard.status()
        guard let state = before.state, let sync = state.sync,
            let number = shard.observer.number(of: state.primary.id)
        else { throw StoryFailure.noPrimary(before.line(expecting: shard.peerCount)) }
        let victim = state.primary.id
        let killed = ContinuousClock.now
        await shard.kill(number)
        telling.add("killed the primary \(victim): its sitter and its postgres", at: killed)

        try await shard.waitUntil("the sync \(sync.id) to take over", within: Self.takeoverLimit) {
            $0.state.map { $0.generation > state.generation && $0.primary.id == sync.id } ?? false
        }
        telling.add("the sync \(sync.id) took over: generation \(state.generation.next)")
        // What was on its way when the primary died is not counted: all of the load comes after it.
        try await acknowledgements(Self.load, beyond: log.acknowledged.count, in: log)
        let gap = log.writeGap(after: killed)?.milliseconds ?? 0
        telling.add("writes go on; the pause was \(gap) ms")

        let started = ContinuousClock.now
        try await shard.start(number)
        telling.add("started \(victim) again", at: started)
        try await shard.waitUntil("\(victim) to stream again", within: Self.rejoinLimit) {
            $0.streams(victim)
        }
        let rejoin = started.duration(to: .now)
        telling.add("\(victim) rejoined and streams, after \(StoryTimeline.seconds(rejoin)) s")
        let whole = try await shard.waitUntilHealthy(within: Self.rejoinLimit)
        telling.add("the shard is whole: \(whole.line(expecting: shard.peerCount))")
        return Disturbance(killed: killed, rejoin: rejoin)
    }

    private func reckon(
        _ log: WriteLog,
        _ disturbances: [Disturbance],
        _ soFar: Telling
    ) async throws -> Ending {
        var telling = soFar
        let peers = shard.peerCount
        let status = try await shard.waitUntilHealthy(within: Self.rejoinLimit)
        guard let state = status.state, let number = shard.observer.number(of: state.primary.id)
        else { throw StoryFailure.noPrimary(status.line(expecting: peers)) }
        let connection = try await shard.observer.superuser(of: number, database: "app")
        let rows = try await connection.query("SELECT id FROM writes", within: .seconds(60))
        await connection.close()
        let found = Set(
            rows.compactMap { $0.first.flatMap { $0 }.flatMap { WriteLog.WriteID($0) } }
        )
        let lost = log.lost(amongRows: found)
        telling.add(
            "the primary \(state.primary.id) has \(found.count) rows; \(lost.count) acknowledged "
                + "writes are missing" + (lost.isEmpty ? "" : ": \(lost.prefix(20))")
        )
        let ends = disturbances.dropFirst().map { Optional($0.killed) } + [nil]
        let gaps = zip(disturbances, ends).compactMap { log.writeGap(after: $0.killed, until: $1) }
        let report = StoryReport(
            acknowledged: log.acknowledged.count,
            lost: lost.count,
            unknown: log.unknown.count,
            writeGaps: gaps,
            rejoins: disturbances.map(\.rejoin),
            generation: state.generation.number,
            healthy: status.problems(expecting: peers).isEmpty
                && gaps.count == disturbances.count
        )
        return Ending(report: report, timeline: telling.timeline)
    }
}

/// Why a story could not be told to its end.
package enum StoryFailure: Error, CustomStringConvertible {
    /// There is nobody to kill; what the shard looks like instead.
    case noPrimary(String)

    /// What was attempted and what was seen.
    package var description: String {
        switch self {
        case .noPrimary(let seen): "the shard has no primary and sync to go on with: \(seen)"
        }
    }
}
