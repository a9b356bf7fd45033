import ArgumentParser
import ManateeCore
import ManateePorts
import ManateeWire

/// `events`: what happened to the cluster, as it happens.
struct EventsCommand: AdmSubcommand {
    static let configuration = CommandConfiguration(
        commandName: "events",
        abstract: "Show what happened to this cluster, and what happens.",
        usage: "manatee-adm events [OPTIONS]"
    )

    /// How long to wait between two looks at the store.
    private static let period = Duration.seconds(1)

    @OptionGroup var shard: ShardOptions
    @OptionGroup var output: OutputOptions

    @Flag(name: .shortAndLong, help: "Go on, and print what happens from now on.")
    var follow = false

    @Option(
        name: [.customShort("n"), .long],
        help: ArgumentHelp("How many of the past events to print at most.", valueName: "COUNT")
    )
    var last = 10

    func execute(in session: AdmSession) async throws -> AdmExit {
        let target = try shard.target(in: session)
        let isJSON = try output.isJSON()
        guard last >= 0 else { throw AdmFailure.usage("invalid count: \"\(last)\"") }
        var log = EventLog(last: last)
        if !follow {
            let records = try await session.withShard(target) { try await EventLog.read($0) }
            for event in log.take(records) { try session.write(event.line(asJSON: isJSON)) }
            return .success
        }
        var isConnected = true
        while true {
            do {
                // Every change of the state comes with an entry of the history, which is long to read.
                let seen = log.version
                let news = try await session.withShard(target) { shard -> EventLog.News? in
                    let version = try await shard.readState()?.version
                    guard version == nil || version != seen else { return nil }
                    return EventLog.News(version: version, records: try await EventLog.read(shard))
                }
                isConnected = true
                if let news {
                    log.version = news.version
                    for event in log.take(news.records) {
                        try session.write(event.line(asJSON: isJSON))
                    }
                }
            } catch AdmFailure.storeUnreachable(let why) {
                // The store may be back in the next round; until then it is said once.
                if isConnected { try session.remark("manatee-adm: error: \(why)\n") }
                isConnected = false
            }
            try await session.ports.pause(Self.period)
        }
    }
}

/// The events that were printed, so that the others can be.
private struct EventLog: Sendable {
    /// What was found at one look.
    struct News: Sendable {
        var version: StateVersion?
        var records: [HistoryRecord]
    }

    /// How many past events are printed at the first look.
    let last: Int
    /// The state's version at the last look; nil before the first.
    var version: StateVersion?
    /// The sequence number of the last event; nil before the first look.
    private var latest: Int64?

    init(last: Int) {
        self.last = last
    }

    /// All records, oldest first; none if there is no history.
    static func read(_ shard: any ShardAdministration) async throws -> [HistoryRecord] {
        let entries = try await shard.historyEntries() ?? []
        return HistoryRecord.sorted(entries.map { HistoryRecord($0) }, by: .zkSeq)
    }

    /// The events among `records` that are to be printed.
    mutating func take(_ records: [HistoryRecord]) -> [ClusterEvent] {
        let earlier = [nil] + records.dropLast().map { Optional($0) }
        let events = zip(records, earlier).map { ClusterEvent(record: $0, previous: $1) }
        let fresh: [ClusterEvent]
        if let latest {
            fresh = events.filter { $0.sequence > latest }
        } else {
            fresh = Array(events.suffix(last))
        }
        latest = max(latest ?? -1, events.map(\.sequence).max() ?? -1)
        return fresh
    }
}

/// One change of the cluster state, in words.
struct ClusterEvent: Sendable {
    private let record: HistoryRecord
    private let summary: String

    init(record: HistoryRecord, previous: HistoryRecord?) {
        self.record = record
        let text = HistoryAnnotation(of: record, after: previous).text
        summary = text.isEmpty ? "cluster state written" : text
    }

    /// The place in the history.
    var sequence: Int64 { Int64(record.sequence) ?? 0 }

    private var generation: Generation? {
        switch record.content {
        case .state(let state): state.generation
        case .version1, .unreadable: nil
        }
    }

    /// Time, generation and words; or the same as an object.
    func line(asJSON isJSON: Bool) -> String {
        let time = Timestamp(milliseconds: record.milliseconds).text
        guard isJSON else {
            return "\(time)  generation \(generation?.description ?? "-")  \(summary)\n"
        }
        let fields: [String: JSONValue] = [
            "zkSeq": .string(record.sequence), "time": .string(time), "event": .string(summary),
            "generation": generation.map { .integer(Int64($0.number)) } ?? .null,
        ]
        return JSONText.text(.object(fields)) + "\n"
    }
}
