import ManateeAdmin
import ManateeCore
import ManateePorts
import ManateeWire
import Synchronization

/// A store with one shard in memory, that fails on demand.
final class FakeShard: ShardAdministration, StoreAdministration, ShardConnector {
    /// The shard's name; further shards are empty.
    static let name = "1.moray.example"

    /// Where its configuration is.
    static let configurationPath = "/manatee/\(name)/config"

    /// What goes wrong.
    enum Trouble: String, Sendable {
        case none
        case unreachable
        /// The next write finds that somebody else froze and unfroze the shard.
        case conflictOnce
        /// Every write finds that somebody else wrote.
        case conflictAlways
        /// The next write finds that somebody else froze the shard.
        case frozenMeanwhile
        /// The next write takes place, but its answer is lost.
        case answerLost
        /// The next write does not take place, and its answer is lost.
        case writeLost
        /// The store does not answer any more after the next write.
        case lostForGood
        case refused
        /// Every read finds the state changed since the last one.
        case restless
        /// The sitters carry out a request for promotion of the sync when it is read.
        case promotes
        /// The primary announces a handover when a request for promotion of the sync is read, and takes it
        /// back at the next read.
        case takesBack
        /// The sitters drop a request for promotion when it is read.
        case dropsPromote
        /// The store does not answer any more once a request for promotion is there.
        case lostAfterPromote
    }

    struct Content: Sendable {
        var state: StoredState?
        var election: [ElectionEntry]?
        var history: [HistoryEntry]?
        var trouble = Trouble.none
        var connections: [String] = []
        /// The names of further shards.
        var otherShards: [String] = []
        /// What exists besides the shards.
        var paths: Set<String> = []
        var version1Error: [UInt8]?
        var configuration: StoredConfiguration?
    }

    let content: Mutex<Content>

    init(_ content: Content = Content()) {
        self.content = Mutex(content)
    }

    func withShard<Result: Sendable>(
        _ shard: String,
        at servers: String,
        _ body: @Sendable (any ShardAdministration) async throws -> Result
    ) async throws -> Result {
        try connect("\(shard) at \(servers)", servers)
        return try await body(self.shard(shard))
    }

    func withStore<Result: Sendable>(
        at servers: String,
        _ body: @Sendable (any StoreAdministration) async throws -> Result
    ) async throws -> Result {
        try connect("store at \(servers)", servers)
        return try await body(self)
    }

    private func connect(_ entry: String, _ servers: String) throws {
        content.withLock { $0.connections.append(entry) }
        if content.withLock({ $0.trouble }) == .unreachable {
            throw ShardAccessFailure(
                "\(servers): connection refused"
            )
        }
    }

    // MARK: The store

    func shardNames() async throws(ShardAccessFailure) -> [String] {
        content.withLock { ($0.otherShards + [Self.name]).sorted() }
    }

    func exists(_ path: String) async throws(ShardAccessFailure) -> Bool {
        content.withLock { $0.paths.contains(path) }
    }

    func shard(_ name: String) -> any ShardAdministration {
        content.withLock { $0.otherShards.contains(name) } ? FakeShard() : self
    }

    // MARK: The shard

    func readState() async throws(ShardAccessFailure) -> StoredState? {
        let (state, trouble) = content.withLock { content in
            content.react()
            return (content.state, content.trouble)
        }
        if trouble == .unreachable { throw ShardAccessFailure("connection lost") }
        return state
    }

    func version1Error() async throws(ShardAccessFailure) -> [UInt8]? {
        content.withLock { $0.version1Error }
    }

    func readConfiguration() async throws(ShardAccessFailure) -> StoredConfiguration? {
        content.withLock { $0.configuration }
    }

    func writeConfiguration(_ data: [UInt8], expecting: StateVersion?) async -> ReplaceOutcome {
        content.withLock { content in
            let trouble = content.trouble
            if trouble == .refused { return .refused("not authorised") }
            guard content.configuration?.version == expecting, trouble != .conflictAlways else {
                return .conflict
            }
            if trouble == .writeLost { return .unknown("connection lost") }
            content.configuration = StoredConfiguration(
                data: data,
                version: StateVersion((expecting?.number ?? -1) + 1),
                path: Self.configurationPath
            )
            return trouble == .answerLost ? .unknown("connection lost") : .written
        }
    }

    func createState(_ data: [UInt8]) async -> ReplaceOutcome {
        content.withLock { content in
            let trouble = content.trouble
            guard content.state == nil, trouble != .conflictOnce else { return .conflict }
            if trouble == .refused { return .refused("not authorised") }
            if trouble != .writeLost {
                content.state = StoredState(data: data, version: StateVersion(0))
                content.record(data)
            }
            switch trouble {
            case .answerLost, .writeLost: return .unknown("connection lost")
            case .none, .unreachable, .conflictOnce, .conflictAlways, .frozenMeanwhile,
                .lostForGood, .refused, .restless, .promotes, .takesBack, .dropsPromote,
                .lostAfterPromote:
                return .written
            }
        }
    }

    func electionEntries() async throws(ShardAccessFailure) -> [ElectionEntry]? {
        content.withLock { $0.election }
    }

    func historyEntries() async throws(ShardAccessFailure) -> [HistoryEntry]? {
        content.withLock { $0.history }
    }

    func replaceState(_ data: [UInt8], expecting: StateVersion) async -> ReplaceOutcome {
        content.withLock { content in
            let trouble = content.trouble
            switch trouble {
            case .none, .unreachable, .answerLost, .lostForGood, .restless, .promotes, .takesBack,
                .dropsPromote, .lostAfterPromote:
                break
            case .conflictOnce:
                content.trouble = .none
                content.bump()
            case .conflictAlways:
                content.bump()
            case .frozenMeanwhile:
                content.trouble = .none
                content.bump()
                let text = String(decoding: content.state?.data ?? [], as: UTF8.self)
                let frozen = text.replacing(
                    "\"generation\"",
                    with: "\"freeze\":true,\"generation\""
                )
                content.state?.data = Array(frozen.utf8)
            case .writeLost:
                content.trouble = .none
                return .unknown("connection lost")
            case .refused:
                return .refused("not authorised")
            }
            guard content.state?.version == expecting else { return .conflict }
            content.state?.data = data
            content.bump()
            content.record(data)
            switch trouble {
            case .answerLost:
                content.trouble = .none
                return .unknown("connection lost")
            case .lostForGood:
                content.trouble = .unreachable
                return .unknown("connection lost")
            case .none, .unreachable, .conflictOnce, .conflictAlways, .frozenMeanwhile,
                .writeLost, .refused, .restless, .promotes, .takesBack, .dropsPromote,
                .lostAfterPromote:
                return .written
            }
        }
    }
}

extension FakeShard.Content {
    /// Does what others do before a read.
    fileprivate mutating func react() {
        guard let stored = state,
            // What cannot be read is left as it is.
            case .object(var fields)? = try? JSONText.parse(stored.data, document: "state")
        else { return }
        let isRequested = fields["promote"] != nil
        switch trouble {
        case .restless:
            fields["restless"] = .integer(stored.version.number)
        case .promotes where isRequested, .takesBack where isRequested:
            fields["promote"] = nil
            fields["handover"] = .object([
                "from": fields["primary"]?["id"] ?? .null, "to": fields["sync"]?["id"] ?? .null,
                "generation": fields["generation"] ?? .null,
                "expireTime": .string("2015-03-18T18:40:21.095Z"),
            ])
        case .takesBack where fields["handover"] != nil:
            fields["handover"] = nil
        case .promotes where fields["handover"]?["finalWal"] == nil && fields["handover"] != nil:
            guard case .object(var handover)? = fields["handover"] else { return }
            handover["finalWal"] = .string("0/5000110")
            handover["finalTimeline"] = .integer(1)
            fields["handover"] = .object(handover)
        case .promotes where fields["handover"] != nil:
            fields["handover"] = nil
            if case .integer(let generation)? = fields["generation"] {
                fields["generation"] = .integer(generation + 1)
            }
            guard case .array(let async)? = fields["async"] else { return }
            fields["async"] = .array(Array(async.dropFirst()) + [fields["primary"] ?? .null])
            fields["primary"] = fields["sync"]
            fields["sync"] = async.first
        case .dropsPromote where isRequested:
            fields["promote"] = nil
        case .lostAfterPromote where isRequested:
            trouble = .unreachable
            return
        case .none, .unreachable, .conflictOnce, .conflictAlways, .frozenMeanwhile, .answerLost,
            .writeLost, .lostForGood, .refused, .promotes, .takesBack, .dropsPromote,
            .lostAfterPromote:
            return
        }
        let data = JSONText.write(.object(fields))
        state?.data = data
        record(data)
        bump()
    }

    fileprivate mutating func record(_ data: [UInt8]) {
        let entry = HistoryEntry(
            name: "0-\(Example.sequence(history?.count ?? 0))",
            createdMilliseconds: Example.now,
            data: data
        )
        history = (history ?? []) + [entry]
    }

    fileprivate mutating func bump() {
        guard let version = state?.version else { return }
        state?.version = StateVersion(version.number + 1)
    }
}

/// A probe that answers what it was told.
struct FakeProbe: PostgresProbe {
    let sightings: [PeerID: PostgresSighting]

    func probe(_ peer: Peer, within limit: Duration) async -> PostgresSighting {
        sightings[peer.id] ?? .failed(cause: "EHOSTUNREACH")
    }
}

/// Output that is kept.
final class Recording: AdmOutput {
    /// Whether a person reads it on a terminal.
    let isTerminal: Bool

    init(isTerminal: Bool = false) {
        self.isTerminal = isTerminal
    }

    func isTerminal(_ channel: AdmChannel) -> Bool { isTerminal }

    struct Channels: Sendable {
        var standardOutput = ""
        var standardError = ""
    }

    let channels = Mutex(Channels())

    func write(_ text: String, to channel: AdmChannel) {
        channels.withLock { channels in
            switch channel {
            case .standardOutput: channels.standardOutput += text
            case .standardError: channels.standardError += text
            }
        }
    }
}
