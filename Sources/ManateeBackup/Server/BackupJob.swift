import ManateeCore
import ManateePorts
import Synchronization

/// One transfer, from the request to the receiver's verdict.
final class BackupJob: Sendable {
    /// How far it is.
    ///
    /// Valid transitions: from `sending` to `sent`, from both to `done` and `failed`.
    enum Phase: Equatable {
        /// The storage makes the stream, or waits for the receiver to take it.
        case sending
        /// The stream ended; whether the receiver has it is not known yet.
        case sent
        /// The receiver says that it has everything.
        case done
        /// It came to nothing, for this reason.
        case failed(String)

        var isOver: Bool {
            switch self {
            case .sending, .sent: false
            case .done, .failed: true
            }
        }
    }

    private struct State {
        var phase = Phase.sending
        var completed: Int64 = 0
        var lastSeen: ContinuousClock.Instant
        var overSince: ContinuousClock.Instant?
    }

    let offer: CopyOffer
    let copy: CopyRequest
    let window: FrameWindow
    /// Ends when the job is over.
    let over: AsyncStream<Void>
    private let ending: AsyncStream<Void>.Continuation
    private let state: Mutex<State>

    init(
        _ offer: CopyOffer,
        for copy: CopyRequest,
        window: FrameWindow.Limits,
        now: ContinuousClock.Instant
    ) {
        self.offer = offer
        self.copy = copy
        self.window = FrameWindow(window)
        (over, ending) = AsyncStream.makeStream(of: Void.self)
        state = Mutex(State(lastSeen: now))
    }

    var phase: Phase { state.withLock { $0.phase } }

    /// Since when it is over.
    var overSince: ContinuousClock.Instant? { state.withLock { $0.overSince } }

    /// Whether the receiver has been silent since `moment`.
    func isSilent(since moment: ContinuousClock.Instant) -> Bool {
        state.withLock { $0.lastSeen < moment }
    }

    /// The receiver gave a sign of life.
    func seen(at now: ContinuousClock.Instant) { state.withLock { $0.lastSeen = now } }

    /// Counts bytes of the snapshot's stream.
    func count(_ bytes: Int) { state.withLock { $0.completed += Int64(bytes) } }

    var completed: Int64 { state.withLock { $0.completed } }

    /// The last frame is made.
    func sent() {
        state.withLock { if $0.phase == .sending { $0.phase = .sent } }
    }

    /// Ends it, unless it is over already.
    ///
    /// - Returns: whether this ended it.
    @discardableResult
    func end(_ phase: Phase, at now: ContinuousClock.Instant) -> Bool {
        let ends = state.withLock { state in
            guard !state.phase.isOver else { return false }
            state.phase = phase
            state.overSince = now
            return true
        }
        guard ends else { return false }
        ending.finish()
        return true
    }

    /// The job as `GET /backup/UUID` shows it: the original's members, and the snapshots.
    var resource: JSONValue {
        let (phase, completed) = state.withLock { ($0.phase, $0.completed) }
        var members: [String: JSONValue] = [
            "uuid": .string(offer.job),
            "snapshot": .string(offer.snapshot.text),
            "base": offer.base.map { .string($0.text) } ?? .null,
            "size": offer.size.map { .string("\($0)") } ?? .null,
            "completed": .string("\(completed)"),
        ]
        switch phase {
        case .sending:
            members["phase"] = .string("sending")
            members["done"] = .boolean(false)
        case .sent:
            members["phase"] = .string("sent")
            members["done"] = .boolean(false)
        case .done:
            members["phase"] = .string("done")
            members["done"] = .boolean(true)
        case .failed(let reason):
            members["phase"] = .string("failed")
            members["done"] = .string("failed")
            members["err"] = .string(reason)
        }
        return .object(members)
    }
}
