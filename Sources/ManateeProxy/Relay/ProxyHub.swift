import NIOCore
import Synchronization

/// What all clients share: the decisions, who is connected, and the keys to cancel by.
///
/// Sessions live on many event loops and call from there; what a change means to them is carried to the
/// loop of each. The lock is held for a decision, never for input or output.
final class ProxyHub: Sendable {
    typealias SessionID = ProxyRouting.SessionID

    struct State {
        var routing: ProxyRouting
        var handles: [SessionID: SessionHandle] = [:]
        var keys: [CancelKey: Backend] = [:]
        /// Sessions whose key nobody can see, with the clients' addresses.
        var encrypted: [SessionID: Encrypted] = [:]
        var counters = ProxyCounters()
        var lastID: SessionID = 0
        /// Sockets of each listener, those of clients that have not said yet what they want included.
        var sockets: [ProxyListener: Int] = [:]
    }

    struct Encrypted {
        var client: String
        var backend: Backend
    }

    /// Sockets beyond the limit, for those who come to cancel.
    private static let reserve = 64

    private let state: Mutex<State>
    /// Told when a client waits, or a server's word should be asked for soon.
    let urgency: AsyncStream<Void>
    private let urge: AsyncStream<Void>.Continuation

    init(limits: ProxyLimits) {
        state = Mutex(State(routing: ProxyRouting(limits: limits)))
        (urgency, urge) = AsyncStream.makeStream(
            of: Void.self,
            bufferingPolicy: .bufferingNewest(1)
        )
    }

    // MARK: Clients

    /// A socket was accepted; nil if there are too many.
    func knocked(at listener: ProxyListener) -> SessionID? {
        state.withLock { state in
            let limit = state.routing.limits.connections[listener, default: 0] + Self.reserve
            guard state.sockets[listener, default: 0] < limit else {
                state.counters.refused[.tooManyConnections, default: 0] += 1
                return nil
            }
            state.sockets[listener, default: 0] += 1
            state.counters.accepted[listener, default: 0] += 1
            state.lastID += 1
            return state.lastID
        }
    }

    func left(_ listener: ProxyListener) {
        state.withLock { $0.sockets[listener, default: 1] -= 1 }
    }

    func arrived(_ handle: SessionHandle, at listener: ProxyListener) -> Refusal? {
        state.withLock { state in
            if let refusal = state.routing.arrived(handle.id, at: listener) {
                state.counters.refused[refusal, default: 0] += 1
                return refusal
            }
            state.handles[handle.id] = handle
            return nil
        }
    }

    func route(_ id: SessionID) -> ProxyRouting.Decision {
        decide { $0.routing.route(id, at: .now) }
    }

    func failed(_ id: SessionID) -> ProxyRouting.Decision {
        decide { state in
            state.counters.connectFailures += 1
            return state.routing.failed(id, at: .now)
        }
    }

    func turnedAway(_ id: SessionID, sqlState: String) -> ProxyRouting.Decision? {
        decide { state -> ProxyRouting.Decision? in
            let decision = state.routing.turnedAway(id, sqlState: sqlState, at: .now)
            if decision != nil { state.counters.turnedAway += 1 }
            return decision
        }
    }

    private func decide<Decision: DecisionLike>(
        _ body: (inout State) -> Decision
    ) -> Decision {
        let decision = state.withLock { state in
            let decision = body(&state)
            if let refusal = decision.refusal { state.counters.refused[refusal, default: 0] += 1 }
            return decision
        }
        if decision.isWait { urge.yield() }
        return decision
    }

    /// The server has taken the client, after so long a wait.
    func admitted(_ id: SessionID, after waited: Duration) {
        state.withLock { state in
            state.routing.admitted(id)
            guard waited > .zero else { return }
            state.counters.released += 1
            state.counters.heldTime += waited
        }
    }

    func refused(_ refusal: Refusal) {
        state.withLock { $0.counters.refused[refusal, default: 0] += 1 }
    }

    func ended(_ id: SessionID, key: CancelKey?, toServer: Int, toClient: Int) {
        state.withLock { state in
            state.routing.ended(id)
            state.handles[id] = nil
            state.encrypted[id] = nil
            if let key { state.keys[key] = nil }
            state.counters.bytesToServers += toServer
            state.counters.bytesToClients += toClient
        }
    }

    // MARK: Cancelling

    func note(_ key: CancelKey, of backend: Backend) {
        state.withLock { $0.keys[key] = backend }
    }

    func noteEncrypted(_ id: SessionID, from client: String, at backend: Backend) {
        state.withLock { $0.encrypted[id] = Encrypted(client: client, backend: backend) }
    }

    /// The servers that a cancel request is for.
    ///
    /// One if its key was seen; else all to which this client's address has encrypted connections.
    func servers(for key: CancelKey, from client: String) -> [Backend] {
        state.withLock { state in
            let backends: Set<Backend>
            if let backend = state.keys[key] {
                backends = [backend]
            } else {
                backends = Set(state.encrypted.values.filter { $0.client == client }.map(\.backend))
            }
            if backends.isEmpty {
                state.counters.cancelsUnknown += 1
            } else {
                state.counters.cancelsForwarded += 1
            }
            return Array(backends)
        }
    }

    // MARK: The world

    func changed(to topology: ProxyTopology) {
        carry { $0.routing.changed(to: topology) }
        urge.yield()
    }

    func reported(_ backend: Backend, _ report: ServerReport?) {
        carry { $0.routing.reported(backend, report, at: .now) }
    }

    func drain() { carry { $0.routing.drain() } }

    /// Ends every session.
    func cutAll() {
        carry { state in state.handles.keys.map { .cut($0) } }
    }

    private func carry(_ change: (inout State) -> [ProxyRouting.Action]) {
        let told = state.withLock { state -> [(SessionHandle, ProxyRouting.Action)] in
            change(&state).compactMap { action in
                switch action {
                case .retry(let id): return state.handles[id].map { ($0, action) }
                case .cut(let id):
                    state.counters.cut += 1
                    return state.handles[id].map { ($0, action) }
                }
            }
        }
        for (handle, action) in told { handle.tell(action) }
    }

    // MARK: Looking

    /// A copy of what is known.
    func look<Value>(_ body: (State) -> Value) -> Value { state.withLock { body($0) } }
}

/// A decision, or none.
private protocol DecisionLike: Sendable {
    var refusal: Refusal? { get }
    var isWait: Bool { get }
}

extension ProxyRouting.Decision: DecisionLike {
    var refusal: Refusal? {
        if case .refuse(let refusal) = self { refusal } else { nil }
    }

    var isWait: Bool {
        if case .wait = self { true } else { false }
    }
}

extension Optional: DecisionLike where Wrapped == ProxyRouting.Decision {
    var refusal: Refusal? { flatMap(\.refusal) }
    var isWait: Bool { self?.isWait ?? false }
}

/// A session, as others reach it.
struct SessionHandle: Sendable {
    let id: ProxyRouting.SessionID
    let loop: any EventLoop
    let session: NIOLoopBound<ClientSession>

    /// Carries the action to the session's own loop.
    func tell(_ action: ProxyRouting.Action) {
        loop.execute {
            switch action {
            case .retry: session.value.retry()
            case .cut: session.value.cut()
            }
        }
    }
}
