/// What is known of a shard when it is to be explained; whatever nobody knows is left out.
package struct ShardFacts: Equatable, Sendable {
    /// What is known of one peer.
    package struct PeerFacts: Equatable, Sendable {
        /// What is known of its postgres.
        package enum Postgres: Equatable, Sendable {
            /// Nobody asked.
            case unknown
            /// It is as its role asks for; of a deposed peer: its copy streams again.
            case asAsked
            /// It does not answer, or is otherwise not as it should be; what was seen.
            case lost(String)
            /// It could not be brought to where it should be, for example because its disk is full.
            case failed(PostgresFailure)

            /// Whether it answered; nil if nobody asked.
            var answers: Bool? {
                switch self {
                case .unknown: nil
                case .asAsked: true
                case .lost, .failed: false
                }
            }
        }

        /// What is known of its postgres; default `unknown`.
        package var postgres: Postgres
        /// The end of the log on its disk; nil if not known.
        package var log: LSN?
        /// The timeline of `log`; nil takes the one on which the generation's primary writes.
        package var timeline: TimelineID?
        /// How it comes back when it is deposed; default `automatic`.
        package var rejoin: PeerMachine.Configuration.Rejoin
        /// The peers that wait for an answer from it in vain; empty if none does, or nobody knows.
        package var unheardBy: [PeerID]
        /// The peers that hear it.
        package var heardBy: [PeerID]
        /// That its disk is full, in its own words; nil if it does not say so.
        package var shortage: String?
        /// Why its sitter told nothing; nil if it did, or nobody asked.
        package var mute: String?

        /// A peer of which this is known.
        package init(
            postgres: Postgres = .unknown,
            log: LSN? = nil,
            timeline: TimelineID? = nil,
            rejoin: PeerMachine.Configuration.Rejoin = .automatic,
            unheardBy: [PeerID] = [],
            heardBy: [PeerID] = [],
            shortage: String? = nil,
            mute: String? = nil
        ) {
            self.postgres = postgres
            self.log = log
            self.timeline = timeline
            self.rejoin = rejoin
            self.unheardBy = unheardBy
            self.heardBy = heardBy
            self.shortage = shortage
            self.mute = mute
        }
    }

    /// The cluster state: the store's, or while the store is away the one that is remembered.
    package var state: VersionedState
    /// The peers that stand for election, in election order, as last heard.
    package var present: [Peer]
    /// Whether there is no word from the store.
    package var isStoreAway: Bool
    /// What is known of each peer.
    package var peers: [PeerID: PeerFacts]
    /// The time of day, by which an operator's request expires.
    package var time: WallTime

    /// A shard of which this is known.
    package init(
        state: VersionedState,
        present: [Peer],
        isStoreAway: Bool = false,
        peers: [PeerID: PeerFacts] = [:],
        time: WallTime
    ) {
        self.state = state
        self.present = present
        self.isStoreAway = isStoreAway
        self.peers = peers
        self.time = time
    }

    /// Takes in whom `listener` hears, and whom it misses.
    package mutating func note(_ listener: PeerID, hears: [PeerID], misses: [PeerID]) {
        for id in hears { peers[id, default: PeerFacts()].heardBy.append(listener) }
        for id in misses { peers[id, default: PeerFacts()].unheardBy.append(listener) }
    }

    /// Everybody whom the state names, with the roles in the order of the chain.
    var members: [Peer] { state.state.chain + state.state.deposed }

    /// Where the log of `peer` ends, or would have to if nobody knows; nothing is claimed of it then.
    func sample(of peer: Peer) -> WALSample {
        let state = state.state
        let facts = peers[peer.id]
        let current = state.timeline ?? state.initTimeline ?? TimelineID(1)
        let timeline = facts?.timeline ?? current
        let log = facts?.log ?? state.initWAL
        var history = TimelineHistory()
        // The declared timeline forked where the generation began; a copy that is not there yet cannot
        // be on it, whatever timeline its receiver was told.
        if let before = state.initTimeline, before < timeline, timeline == current {
            history = TimelineHistory([.init(timeline: before, end: min(state.initWAL, log))])
        }
        let end = WALPosition(timeline: timeline, lsn: log)
        return WALSample(end: end, history: history)
    }
}
