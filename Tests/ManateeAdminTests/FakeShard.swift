import ManateeAdmin
import ManateeCore
import ManateePorts
import Synchronization

/// A store with one shard in memory, that fails on demand.
final class FakeShard: ShardAdministration, ShardConnector {
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
    }

    struct Content: Sendable {
        var state: StoredState?
        var election: [ElectionEntry]?
        var history: [HistoryEntry]?
        var trouble = Trouble.none
        var connections: [String] = []
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
        content.withLock { $0.connections.append("\(shard) at \(servers)") }
        if content.withLock({ $0.trouble }) == .unreachable {
            throw ShardAccessFailure(
                "\(servers): connection refused"
            )
        }
        return try await body(self)
    }

    func readState() async throws(ShardAccessFailure) -> StoredState? {
        let (state, trouble) = content.withLock { ($0.state, $0.trouble) }
        if trouble == .unreachable { throw ShardAccessFailure("connection lost") }
        return state
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
            case .none, .unreachable, .answerLost, .lostForGood:
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
            let sequence = content.history?.count ?? 0
            let entry = HistoryEntry(
                name: "0-\(Example.sequence(sequence))",
                createdMilliseconds: Example.now,
                data: data
            )
            content.history = (content.history ?? []) + [entry]
            switch trouble {
            case .answerLost:
                content.trouble = .none
                return .unknown("connection lost")
            case .lostForGood:
                content.trouble = .unreachable
                return .unknown("connection lost")
            case .none, .unreachable, .conflictOnce, .conflictAlways, .frozenMeanwhile,
                .writeLost, .refused:
                return .written
            }
        }
    }
}

extension FakeShard.Content {
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
