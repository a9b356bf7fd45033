import Synchronization

/// The shards that a client follows, in the order in which they were asked for.
final class ShardRoll: Sendable {
    private struct State {
        var shards: [Shard] = []
        /// Who follows now; one at most.
        var follower: AsyncStream<Shard>.Continuation?
        var isOver = false
    }

    private let state = Mutex(State())

    /// The shard at `path`, which may be new.
    func shard(_ path: String) -> Shard {
        state.withLock { state in
            if let known = state.shards.first(where: { $0.path == path }) { return known }
            let shard = Shard(path: path)
            if state.isOver { shard.end() }
            state.shards.append(shard)
            state.follower?.yield(shard)
            return shard
        }
    }

    /// All shards, then each one that is asked for; it takes the place of an earlier sequence.
    func shards() -> AsyncStream<Shard> {
        let (stream, continuation) = AsyncStream.makeStream(of: Shard.self)
        let former = state.withLock { state in
            defer { state.follower = continuation }
            for shard in state.shards { continuation.yield(shard) }
            return state.follower
        }
        former?.finish()
        return stream
    }

    /// What was read stays, but nobody knows whether it is the newest.
    func disconnected(_ detail: String) {
        for shard in state.withLock({ $0.shards }) { shard.lose(.disconnected(detail)) }
    }

    /// No shard will be followed any more.
    func end() {
        let shards = state.withLock { state in
            state.isOver = true
            return state.shards
        }
        for shard in shards { shard.end() }
    }
}
