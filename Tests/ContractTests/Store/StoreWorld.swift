import ManateeCore
import ManateePorts
import Synchronization
import Testing

/// A store with one shard in it, and what can happen to it, for the contract of the port.
///
/// Each implementation of `CoordinationStore` has one: the contract's tests know nothing else.
protocol StoreWorld: Sendable {
    /// Runs `body` with the shard as `peer` uses it, over a link of its own; `run` is not called yet.
    func withStore<Value>(
        for peer: Peer,
        _ body: (any CoordinationStore, any StoreLink) async throws -> Value
    ) async throws -> Value

    /// Puts `data` in the place of the state, as somebody with a stick in his hand would.
    func overwriteState(_ data: [UInt8]) async throws
    /// Removes the state.
    func removeState() async throws
    /// What is stored as the state; nil if there is none.
    func storedState() async throws -> [UInt8]?
    /// The history's entries in their order: what is before the number, and the data.
    func history() async throws -> [(prefix: String, data: [UInt8])]

    /// The store dies, with its memory of what it was asked and has not written.
    func kill() async throws
    /// The store comes back with what it had written.
    func start() async throws
    /// The store says nothing and does nothing.
    func freeze() async throws
}

/// The way from one peer to the store.
protocol StoreLink: Sendable {
    /// Nothing passes, in neither direction.
    func cut()
    /// What the peer sends arrives, and the answers are lost.
    func loseReplies()
    /// Everything passes again.
    func heal()
}

/// One peer that stands for election, and what it was told.
final class StoreProbe: Sendable {
    /// How long an event is waited for.
    static let patience = Duration.seconds(20)

    let peer: Peer
    let store: any CoordinationStore
    let link: any StoreLink
    private let log = Mutex<[StoreEvent]>([])
    private let read = Mutex(0)

    init(_ peer: Peer, _ store: any CoordinationStore, _ link: any StoreLink) {
        self.peer = peer
        self.store = store
        self.link = link
    }

    func note(_ event: StoreEvent) { log.withLock { $0.append(event) } }

    /// Everything that was told so far.
    var told: [StoreEvent] { log.withLock { $0 } }

    /// What came with the first `connected`; nil if something else was told first.
    var firstView: StoreView? {
        if case .connected(let view)? = told.first { view } else { nil }
    }

    /// The next event for which `match` gives something, with those before it passed over.
    func next<Value>(
        _ what: Comment,
        sourceLocation: SourceLocation = #_sourceLocation,
        _ match: (StoreEvent) -> Value?
    ) async throws -> Value {
        var found: Value?
        try await eventually(what, within: Self.patience, sourceLocation: sourceLocation) {
            let from = read.withLock { $0 }
            for (index, event) in told.enumerated().dropFirst(from) {
                read.withLock { $0 = index + 1 }
                found = match(event)
                if found != nil { return true }
            }
            return false
        }
        return try #require(found, sourceLocation: sourceLocation)
    }

    func nextConnected(
        sourceLocation: SourceLocation = #_sourceLocation
    ) async throws -> StoreView {
        try await next("connected", sourceLocation: sourceLocation) {
            if case .connected(let view) = $0 { view } else { nil }
        }
    }

    func nextDisconnected(
        sourceLocation: SourceLocation = #_sourceLocation
    ) async throws {
        try await next("disconnected", sourceLocation: sourceLocation) {
            $0 == .disconnected ? () : nil
        }
    }

    func nextState(
        sourceLocation: SourceLocation = #_sourceLocation
    ) async throws -> VersionedState? {
        try await next("a state", sourceLocation: sourceLocation) { event -> VersionedState?? in
            if case .state(let state) = event { .some(state) } else { nil }
        }
    }

    func nextUnreadable(
        sourceLocation: SourceLocation = #_sourceLocation
    ) async throws -> String {
        try await next("an unreadable state", sourceLocation: sourceLocation) {
            if case .stateUnreadable(let detail) = $0 { detail } else { nil }
        }
    }

    /// Waits until the last word about the election is `peers`, in this order.
    func sees(
        _ peers: [Peer],
        sourceLocation: SourceLocation = #_sourceLocation
    ) async throws {
        let ids = peers.map(\.id)
        try await eventually(
            "\(peer) sees \(ids)",
            within: Self.patience,
            sourceLocation: sourceLocation
        ) {
            activePeers == ids
        }
    }

    /// The last word about the election.
    var activePeers: [PeerID] {
        for event in told.reversed() {
            switch event {
            case .connected(let view): return view.activePeers.map(\.id)
            case .activePeers(let peers): return peers.map(\.id)
            case .disconnected, .state, .stateUnreadable: continue
            }
        }
        return []
    }

    /// Writes and expects to succeed.
    @discardableResult
    func write(
        _ state: ClusterState,
        expecting version: StateVersion?,
        sourceLocation: SourceLocation = #_sourceLocation
    ) async throws -> StateVersion {
        let outcome = await store.write(state, expecting: version)
        guard case .written(let written) = outcome else {
            Issue.record("\(outcome)", sourceLocation: sourceLocation)
            throw Unwritten()
        }
        return written
    }

    struct Unwritten: Error {}
}

extension StoreWorld {
    /// Runs `body` while `peer` stands for election.
    func withPeer<Value: Sendable>(
        _ peer: Peer,
        _ body: (StoreProbe) async throws -> Value
    ) async throws -> Value {
        try await withStore(for: peer) { store, link in
            let probe = StoreProbe(peer, store, link)
            return try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { try await store.run() }
                group.addTask { for await event in store.events { probe.note(event) } }
                let value = try await body(probe)
                group.cancelAll()
                return value
            }
        }
    }

    /// Runs `body` while both stand for election, the first one since before the second, and see
    /// each other.
    func withPeers<Value: Sendable>(
        _ first: Peer,
        _ second: Peer,
        _ body: (StoreProbe, StoreProbe) async throws -> Value
    ) async throws -> Value {
        try await withPeer(first) { one in
            _ = try await one.nextConnected()
            return try await withPeer(second) { two in
                _ = try await two.nextConnected()
                for probe in [one, two] { try await probe.sees([first, second]) }
                return try await body(one, two)
            }
        }
    }
}

extension Peer {
    /// A peer whose name's place in the alphabet is not its place in the order of numbers.
    static func example(_ number: Int) -> Peer {
        let ip = "10.0.0.\(number)"
        return Peer(
            id: PeerID("\(ip):5432:12345"),
            ip: ip,
            postgresURL: "tcp://postgres@\(ip):5432/postgres",
            zoneID: "zone-\(number)",
            backupURL: "http://\(ip):12345"
        )
    }
}

extension ClusterState {
    /// The state of three peers in this generation.
    static func example(_ generation: Int, lsn: LSN = .zero) -> ClusterState {
        ClusterState(
            generation: Generation(generation),
            primary: .example(9),
            sync: .example(10),
            async: [.example(11)],
            deposed: [],
            initWAL: lsn,
            initTimeline: TimelineID(1)
        )
    }
}
