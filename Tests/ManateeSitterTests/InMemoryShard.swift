import ManateeCore
import ManateePorts

/// A coordination store in memory that several sitters share.
actor InMemoryShard {
    private(set) var state: VersionedState?
    private(set) var writes: [ClusterState] = []
    private var members: [Peer] = []
    private var followers: [PeerID: AsyncStream<StoreEvent>.Continuation] = [:]

    func join(_ peer: Peer, events: AsyncStream<StoreEvent>.Continuation) {
        members.removeAll { $0 == peer }
        members.append(peer)
        events.yield(.connected(StoreView(state: state, activePeers: members)))
        followers[peer.id] = events
        tell(.activePeers(members))
    }

    func leave(_ peer: Peer) {
        members.removeAll { $0 == peer }
        followers[peer.id]?.yield(.disconnected)
        followers[peer.id] = nil
        tell(.activePeers(members))
    }

    func write(_ new: ClusterState, expecting: StateVersion?) -> WriteOutcome {
        guard state?.version == expecting else { return .conflict }
        let version = StateVersion((expecting?.number ?? -1) + 1)
        state = VersionedState(new, version: version)
        writes.append(new)
        tell(.state(state))
        return .written(version)
    }

    private func tell(_ event: StoreEvent) {
        for follower in followers.values { follower.yield(event) }
    }
}

/// One peer's connection to an `InMemoryShard`.
struct InMemoryStore: CoordinationStore {
    let shard: InMemoryShard
    let peer: Peer
    let events: AsyncStream<StoreEvent>
    private let continuation: AsyncStream<StoreEvent>.Continuation

    init(shard: InMemoryShard, peer: Peer) {
        self.shard = shard
        self.peer = peer
        (events, continuation) = AsyncStream.makeStream()
    }

    func connect() async { await shard.join(peer, events: continuation) }

    func disconnect() async { await shard.leave(peer) }

    func run() async throws {}

    func write(_ state: ClusterState, expecting: StateVersion?) async -> WriteOutcome {
        await shard.write(state, expecting: expecting)
    }

    func read() async throws(EffectFailure) -> VersionedState? { await shard.state }
}
