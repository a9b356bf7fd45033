/// What a peer machine shows of itself: the status server and the tools print it.
package struct PeerView: Hashable, Sendable {
    /// The peer.
    package var id: PeerID
    /// Its role, as it knows itself.
    package var role: PeerRole
    /// When it took this role.
    package var roleSince: Instant
    /// The generation of the state that it follows; nil if it follows none.
    package var generation: Generation?
    /// The state that it follows: the store's newest, or the remembered one while the store is away.
    package var state: VersionedState?
    /// The peers that stand for election, in election order, as last heard.
    package var activePeers: [Peer]
    /// What is outstanding, in the words of the original's `/state`.
    package var pending: [Pending]
    /// What it decided, and what it refuses and why, most important subject first.
    package var reasons: [Reason]
    /// Whether the store is connected.
    package var storeConnected: Bool
    /// The generation in which this peer, as primary, admits clients; nil if it does not.
    package var writesOpen: Generation?
    /// What the evidence about each watched peer amounts to, in order of their names.
    package var judgements: [Sighting]
    /// The peers that it hears, in order of their names.
    package var hears: [PeerID]
    /// The peers that it heard once and misses now, in order of their names.
    package var misses: [PeerID]

    /// What is known of another peer without the store.
    package struct Sighting: Hashable, Sendable {
        /// The peer.
        package var id: PeerID
        /// What the evidence amounts to.
        package var judgement: Judgement
        /// What it said last; nil if it was never heard.
        package var word: PeerWord?

        /// What is known of the peer called `id`.
        package init(id: PeerID, judgement: Judgement, word: PeerWord?) {
            self.id = id
            self.judgement = judgement
            self.word = word
        }
    }

    /// Something that is under way.
    package enum Pending: String, Equatable, Sendable {
        /// Postgres is being changed.
        case postgresTransition = "postgres transition"
        /// Postgres could not be changed; the next attempt follows.
        case postgresRetry = "pg retry"
        /// A change of the cluster state is under way, or its next attempt is waited for.
        case clusterWriteOrWait = "cluster write or wait"
    }
}

extension PeerMachine {
    /// What the machine shows of itself.
    package var view: PeerView {
        PeerView(
            id: configuration.peer.id,
            role: role,
            roleSince: roleSince,
            generation: followed?.state.generation,
            state: followed,
            activePeers: activePeers,
            pending: pending,
            reasons: Reason.Subject.allCases.compactMap { reported[$0] },
            storeConnected: store == .connected,
            writesOpen: writesOpen,
            judgements: watched.map {
                .init(id: $0.id, judgement: judgement(of: $0), word: evidence.word(of: $0.id))
            },
            hears: evidence.heard(at: moment.instant),
            misses: evidence.missed(at: moment.instant)
        )
    }

    private var pending: [PeerView.Pending] {
        var pending: [PeerView.Pending] = []
        switch postgres {
        case .configuring, .stopping: pending.append(.postgresTransition)
        case .retrying, .standingAside: pending.append(.postgresRetry)
        case .untouched, .applied, .ended, .held, .lost: break
        }
        switch change {
        case .idle: break
        case .preparing, .stopping, .remembering, .writing, .reading, .waitingToRead, .refreshing,
            .backingOff:
            pending.append(.clusterWriteOrWait)
        }
        return pending
    }
}
