/// Who is led where: the decisions of the proxy, as a value.
///
/// It knows no sockets and no clock. Each client has one session, from its arrival to its end:
///
///     arrived ── held ── connecting ── open
///                 └──────────┘
///
/// **The rules.** A client that writes is led to the primary that the shard has declared, and to nobody
/// else; as soon as another is declared, it is cut. A client that reads is led to a standby whose lag is
/// known and small, else to one whose lag is not known, else, if allowed, to the primary; it is cut when
/// its server loses its place in the shard. Who can be led nowhere waits, up to a number and a time. A
/// topology that is gone changes nothing: the last one stays, as the shard itself stays as it is.
package struct ProxyRouting: Sendable {
    /// The number of one client's session.
    package typealias SessionID = UInt64
    /// A moment of the one clock that all calls are told the time by.
    package typealias Instant = ContinuousClock.Instant

    /// What to do with a client that wants a server.
    package enum Decision: Equatable, Sendable {
        /// Connect to it, then say ``admitted(_:)`` or ``failed(_:at:)``.
        case connect(Backend)
        /// Ask again after this time at the latest; a `retry` may come before.
        case wait(Duration)
        /// Send it away.
        case refuse(Refusal)
    }

    /// What to do with a session because something changed.
    package enum Action: Equatable, Sendable {
        /// Ask again for a server.
        case retry(SessionID)
        /// End it at once: its server must not be used any more.
        case cut(SessionID)
    }

    enum Phase: Equatable {
        case arrived
        case held
        case connecting(Backend)
        case open(Backend)

        var backend: Backend? {
            switch self {
            case .arrived, .held: nil
            case .connecting(let backend), .open(let backend): backend
            }
        }
    }

    struct Session {
        var listener: ProxyListener
        var phase = Phase.arrived
        /// When it first asked for a server.
        var asked: Instant?
        /// How often a server would not have it.
        var failures = 0
        /// When a server's gate first turned it away.
        var turnedAway: Instant?
    }

    struct Knowledge {
        /// Nil if the sitter did not answer.
        var report: ServerReport?
        var at: Instant
    }

    /// The bounds.
    package let limits: ProxyLimits
    /// The topology in force; nil before the first.
    package private(set) var topology: ProxyTopology?

    var sessions: [SessionID: Session] = [:]
    private var present: [ProxyListener: Int] = [:]
    private var waiting: Set<SessionID> = []
    var counts: [Backend: Int] = [:]
    var reports: [Backend: Knowledge] = [:]
    /// Servers that did not answer, and until when they are passed over.
    var avoided: [Backend: Instant] = [:]
    /// How many of each listener's clients were led to a standby so far.
    var turn = 0
    /// The generation in which the present primary took office; 0 if it was in office before.
    private var officeSince = 0
    /// Whether a client was admitted to the present primary.
    private var isProven = false
    private var isDraining = false

    /// The first pause before a server that would not have a client is tried again; it doubles up to
    /// `longestPause`.
    static let shortestPause = Duration.milliseconds(25)
    static let longestPause = Duration.milliseconds(500)
    /// How long readers pass over a standby that did not answer.
    static let avoidance = Duration.seconds(2)

    /// Routes without a topology and without clients.
    package init(limits: ProxyLimits = ProxyLimits()) {
        self.limits = limits
    }

    // MARK: Clients

    /// A client has come; a refusal is also its end.
    package mutating func arrived(_ id: SessionID, at listener: ProxyListener) -> Refusal? {
        guard !isDraining else { return .draining }
        guard present[listener, default: 0] < limits.connections[listener, default: 0] else {
            return .tooManyConnections
        }
        present[listener, default: 0] += 1
        sessions[id] = Session(listener: listener)
        return nil
    }

    /// A client wants a server: it has said what it wants, has waited, or its server would not have it.
    package mutating func route(_ id: SessionID, at now: Instant) -> Decision {
        guard var session = sessions[id] else { return .refuse(.draining) }
        let asked = session.asked ?? now
        session.asked = asked
        sessions[id] = session
        if let backend = destination(for: session, at: now) {
            enter(id, .connecting(backend))
            return .connect(backend)
        }
        return hold(id, at: now)
    }

    /// The server has taken the client.
    package mutating func admitted(_ id: SessionID) {
        guard let session = sessions[id], case .connecting(let backend) = session.phase else {
            return
        }
        enter(id, .open(backend))
        if backend == topology?.primary { isProven = true }
    }

    /// The server could not be connected to, or ended the connection before it said anything.
    package mutating func failed(_ id: SessionID, at now: Instant) -> Decision {
        guard let session = sessions[id] else { return .refuse(.draining) }
        sessions[id]?.failures += 1
        guard session.listener == .readOnly, let backend = session.phase.backend else {
            return hold(id, at: now)
        }
        avoided[backend] = now + Self.avoidance
        enter(id, .arrived)
        return route(id, at: now)
    }

    /// The server answered with an error before it asked for a password.
    ///
    /// - Parameters:
    ///   - id: the client.
    ///   - sqlState: the error's code.
    ///   - now: the present.
    /// - Returns: what to do instead of passing the error on; nil to pass it on.
    package mutating func turnedAway(
        _ id: SessionID,
        sqlState: String,
        at now: Instant
    ) -> Decision? {
        guard let session = sessions[id], let backend = session.phase.backend else { return nil }
        let mayComeAgain: Bool
        switch sqlState {
        // It starts, stops or recovers.
        case "57P03": mayComeAgain = true
        // The gate, or a client that pg_hba.conf does not know: the sitter's newest word tells which.
        case "28000": mayComeAgain = isGateClosed(of: backend, for: session)
        default: mayComeAgain = false
        }
        let asked = session.asked ?? now
        // At the limit the server's own words say more than ours.
        guard mayComeAgain, asked.duration(to: now) < limits.holdTime else { return nil }
        sessions[id]?.turnedAway = session.turnedAway ?? now
        return failed(id, at: now)
    }

    private func isGateClosed(of backend: Backend, for session: Session) -> Bool {
        guard session.listener == .readWrite, backend == topology?.primary else {
            return false
        }
        guard let known = reports[backend], let report = known.report else { return !isProven }
        switch report.admission {
        case .gated: return true
        case .untold: return !isProven
        // What it said before the client was turned away may be out of date.
        case .open, .unready: return session.turnedAway.map { known.at < $0 } ?? true
        }
    }

    /// The client is gone, or was sent away.
    package mutating func ended(_ id: SessionID) {
        enter(id, .arrived)
        if let session = sessions.removeValue(forKey: id) {
            present[session.listener, default: 0] -= 1
        }
    }

    // MARK: The world

    /// The shard has declared another topology.
    package mutating func changed(to new: ProxyTopology) -> [Action] {
        let old = topology
        topology = new
        guard old != new else { return [] }
        if old?.generation != new.generation {
            avoided = [:]
        }
        if let old, old.primary != new.primary {
            officeSince = new.generation
            isProven = false
            // What was said in another role says nothing about this one.
            reports[new.primary] = nil
        }
        for id in waiting { sessions[id]?.failures = 0 }
        reports = reports.filter { new.all.contains($0.key) }
        return sessions.sorted { $0.key < $1.key }.compactMap { id, session in
            guard let backend = session.phase.backend else {
                return session.phase == .held ? .retry(id) : nil
            }
            switch session.listener {
            case .readWrite where backend == new.primary: return nil
            case .readOnly where new.all.contains(backend): return nil
            case .readWrite, .readOnly: return .cut(id)
            }
        }
    }

    /// A server's sitter was asked; nil if it did not answer.
    package mutating func reported(
        _ backend: Backend,
        _ report: ServerReport?,
        at now: Instant
    ) -> [Action] {
        let before = reports.updateValue(Knowledge(report: report, at: now), forKey: backend)
        guard before?.report != report || before == nil else { return [] }
        return held.map { .retry($0) }
    }

    /// No further client is taken; those that wait are sent away.
    package mutating func drain() -> [Action] {
        isDraining = true
        return held.map { .retry($0) }
    }

    // MARK: Waiting

    /// The clients that wait, in the order in which they came.
    package var held: [SessionID] {
        waiting.sorted()
    }

    private mutating func hold(_ id: SessionID, at now: Instant) -> Decision {
        guard let session = sessions[id] else { return .refuse(.draining) }
        guard !isDraining else { return .refuse(.draining) }
        let waited = (session.asked ?? now).duration(to: now)
        guard waited < limits.holdTime else { return .refuse(.heldTooLong) }
        guard session.phase == .held || waiting.count < limits.heldConnections else {
            return .refuse(.tooManyHeld)
        }
        enter(id, .held)
        let rest = limits.holdTime - waited
        // Without a failure there is nothing to try until something changes, which is told.
        let pause =
            session.failures > 0
            ? Self.shortestPause * (1 << min(session.failures, 6)) : Self.longestPause
        return .wait(min(pause, Self.longestPause, rest))
    }

    // MARK: Servers

    private mutating func destination(for session: Session, at now: Instant) -> Backend? {
        guard let topology, !isDraining else { return nil }
        switch session.listener {
        case .readWrite:
            guard let known = reports[topology.primary] else {
                // Nobody can say yet: a peer that was just declared primary may be a standby still.
                return limits.asksSitters ? nil : topology.primary
            }
            switch known.report?.admission {
            case .open(let generation): return generation >= officeSince ? topology.primary : nil
            // A sitter that was just restarted does not know yet what its server has known for long.
            case .unready: return isProven ? topology.primary : nil
            case .gated: return nil
            // Nobody says; the server itself will.
            case .untold, nil: return topology.primary
            }
        case .readOnly:
            return readable(in: topology, at: now)
        }
    }

    private mutating func enter(_ id: SessionID, _ phase: Phase) {
        guard let old = sessions[id]?.phase else { return }
        if let backend = old.backend {
            let count = (counts[backend] ?? 0) - 1
            counts[backend] = count > 0 ? count : nil
        }
        if let backend = phase.backend { counts[backend, default: 0] += 1 }
        if phase == .held { waiting.insert(id) } else { waiting.remove(id) }
        sessions[id]?.phase = phase
    }
}
