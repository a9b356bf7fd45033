import ManateeLocal
import ManateePostgres
import Synchronization

/// One client that writes as fast as it is let, and goes from peer to peer without a rest while nobody
/// lets it.
///
/// It keeps its session with a peer that takes no writes, so that its own part in a pause is not the
/// time that it takes to connect.
final class RetryingWriter: Sendable {
    /// What one pause cost the client.
    struct Pause: CustomStringConvertible {
        /// From the last acknowledgement before to the first one after.
        var gap: Duration
        /// How much of it may be the client's own: the longest time between two writes in a row before it,
        /// and the last time between two attempts at the peer that ended it.
        var ownPart: Duration

        var description: String { "\(gap), of which at most \(ownPart) are the client's own" }
    }

    private struct State {
        var lastAcknowledged: ContinuousClock.Instant?
        var longestWrite = Duration.zero
        /// When each peer refused since then, and how long after it was asked before.
        var refused: [Int: (at: ContinuousClock.Instant, after: Duration)] = [:]
        var pauses: [Pause] = []
        var isStopped = false
    }

    /// Between two attempts.
    private static let retryPause = Duration.milliseconds(2)
    private static let patience = Duration.seconds(3)
    /// The SQLSTATE of a write in a transaction that may only read.
    private static let readOnly = "25006"

    private let observer: ShardObserver
    private let state = Mutex(State())

    init(_ observer: ShardObserver) { self.observer = observer }

    /// Runs `body` while the client writes.
    func whileWriting(_ body: () async throws -> Void) async throws {
        try await withThrowingTaskGroup { group in
            group.addTask { await self.run() }
            defer { state.withLock { $0.isStopped = true } }
            try await acknowledged()
            try await body()
        }
    }

    /// Waits until a write is acknowledged that began after now.
    func acknowledged() async throws {
        let begun = ContinuousClock.now
        try await Waiting.until("an acknowledged write", within: .seconds(60)) {
            let last = state.withLock(\.lastAcknowledged)
            return last.map { $0 > begun } ?? false ? .there(()) : .notYet("none")
        }
    }

    /// The longest pause so far; nil if no attempt was in vain.
    var longestPause: Pause? { state.withLock { $0.pauses.max { $0.gap < $1.gap } } }

    private var isStopped: Bool { state.withLock(\.isStopped) || Task.isCancelled }

    private func run() async {
        var sessions: [Int: PostgresConnection] = [:]
        var (id, peer) = (0, 0)
        while !isStopped {
            do {
                let session: PostgresConnection
                if let open = sessions[peer] {
                    session = open
                } else {
                    session = try await PostgresConnection.open(
                        target(peer),
                        within: Self.patience
                    )
                }
                sessions[peer] = session
                id += 1
                _ = try await session.query(
                    "INSERT INTO writes (id, client) VALUES ($1, 0)",
                    [String(id)],
                    within: Self.patience
                )
                acknowledge(by: peer)
                continue
            } catch PostgresError.statementFailed(_, _, Self.readOnly, _) {
                // A standby: its session may write as soon as it is promoted.
            } catch {
                // What went wrong is what the test did; how long it lasted is the question.
                sessions[peer] = nil
            }
            refuse(by: peer)
            peer = (peer + 1) % observer.settings.ports.peers.count
            // Ends early only when the client is cancelled.
            try? await Task.sleep(for: Self.retryPause)
        }
        for session in sessions.values { await session.close() }
    }

    private func refuse(by peer: Int) {
        state.withLock { state in
            let now = ContinuousClock.now
            guard let last = state.refused[peer]?.at ?? state.lastAcknowledged else { return }
            state.refused[peer] = (now, last.duration(to: now))
        }
    }

    private func acknowledge(by peer: Int) {
        state.withLock { state in
            let now = ContinuousClock.now
            if let last = state.lastAcknowledged {
                let gap = last.duration(to: now)
                if state.refused.isEmpty {
                    state.longestWrite = max(state.longestWrite, gap)
                } else {
                    let ownPart = state.longestWrite + (state.refused[peer]?.after ?? gap)
                    state.pauses.append(Pause(gap: gap, ownPart: ownPart))
                }
            }
            state.refused = [:]
            state.lastAcknowledged = now
        }
    }

    private func target(_ peer: Int) -> ConnectionTarget {
        ConnectionTarget(
            host: "127.0.0.1",
            port: observer.settings.ports.peers[peer].postgres,
            user: "app",
            database: "app",
            credential: .passfile(observer.directory.passfile),
            applicationName: "retrying-writer"
        )
    }
}
