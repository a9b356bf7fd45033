/// What a peer machine is told.
///
/// Every effect comes back as an event with the effect's identity.
package enum PeerEvent: Hashable, Sendable {
    /// The process began; always the first event, once.
    case started(PeerMemory, PostgresInventory)
    /// The session is established and the peer stands for election; a complete, fresh view.
    /// Also after every re-established session and every reconnect.
    case storeConnected(StoreView)
    /// No word from the store; the session may or may not live on.
    case storeDisconnected
    /// The cluster state was read anew; nil if there is none.
    case clusterStateChanged(VersionedState?)
    /// The cluster state in the store cannot be understood; what is wrong with it.
    case clusterStateUnreadable(String)
    /// The peers that stand for election changed, in election order.
    case activePeersChanged([Peer])
    /// The memory is durable, or is not and why.
    case remembered(Attempt, EffectFailure?)
    /// The end of a write of the cluster state.
    case stateWritten(Attempt, WriteOutcome)
    /// The answer to a read that settles a write of unknown outcome.
    case stateRead(Attempt, Result<VersionedState?, EffectFailure>)
    /// Nobody can acknowledge under the old generation any more; where the own log ends.
    case acknowledgementsStopped(Attempt, Result<WALSample, PostgresFailure>)
    /// A stop would be short and the sync has nearly everything, or not and why.
    case handoverPrepared(Attempt, PostgresFailure?)
    /// Postgres is as it was asked to be, or is not; the database that it runs on.
    case postgresConfigured(Attempt, Result<SystemIdentifier?, PostgresFailure>)
    /// Postgres is no longer as it was asked to be (it exited, or cannot follow); what was seen.
    case postgresLost(String)
    /// Postgres runs, but has not answered for longer than it may take; what was seen.
    case postgresHung(String)
    /// Postgres restarts itself after a crash of one of its processes; what was seen.
    case postgresRestarting(String)
    /// Postgres answers again.
    case postgresAnswers
    /// Something was seen of another peer that is watched.
    case observed(PeerID, Observation)
    /// As primary of this generation, clients are admitted: the sync has everything.
    case writesOpened(Generation)
    /// As primary: whether the word of the sync that acknowledges is heard; told at each change, and
    /// false until then.
    case syncHeard(Bool)
    /// The gate is as it was ordered to be; or why it is not.
    case gateOrdered(Attempt, PostgresFailure?)
    /// The shard's configuration sets how soon evidence is acted on; it holds from the next look on.
    case detectionChanged(FailureDetection)
    /// A timer that the machine started has run out.
    case timerFired(PeerTimer)
}

/// All that the store says about the shard at one moment.
package struct StoreView: Hashable, Sendable {
    /// The cluster state; nil if there is none.
    package var state: VersionedState?
    /// The peers that stand for election, in election order, each once.
    package var activePeers: [Peer]

    /// A view of `state` and `activePeers`.
    package init(state: VersionedState?, activePeers: [Peer]) {
        self.state = state
        self.activePeers = activePeers
    }
}

/// How a versioned write ended.
package enum WriteOutcome: Hashable, Sendable {
    /// The state is in the store at this version.
    case written(StateVersion)
    /// Somebody else wrote first; nothing was changed.
    case conflict
    /// Certainly nothing was written; why.
    case failed(EffectFailure)
    /// The answer was lost: the write may or may not have taken effect.
    case unknown(EffectFailure)
}

/// Why an effect failed, for an operator.
package struct EffectFailure: Error, Hashable, Sendable, CustomStringConvertible {
    /// What was attempted, on what, what was seen, and what to do.
    package var detail: String

    /// A failure that reads `detail`.
    package init(_ detail: String) {
        self.detail = detail
    }

    /// The detail.
    package var description: String { detail }
}

/// A timer of the machine's, told from earlier ones by its attempt.
package struct PeerTimer: Hashable, Sendable {
    /// What is waited for.
    package enum Purpose: Hashable, Sendable {
        /// The next attempt at something that the cluster state asks for. The shell adds jitter.
        case backOff
        /// The next attempt to configure postgres. The shell adds jitter.
        case postgresRetry
        /// The store's first word after start; then the memory must do.
        case storeGrace
        /// The end of an operator's request to promote.
        case requestExpiry
        /// The end of a handover: the primary takes it back if the sync has not declared itself.
        case handover
        /// How long clients may be served without a word from store and sync; or the next attempt to
        /// shut or release the gate.
        case staleReads
        /// The next look at what is known of the other peers.
        case look
        /// The sync's chance to take over from a primary whose postgres ended.
        case standAside
    }

    /// What is waited for.
    package var purpose: Purpose
    /// Which wait it is.
    package var attempt: Attempt

    /// The wait `attempt` for `purpose`.
    package init(_ purpose: Purpose, _ attempt: Attempt) {
        self.purpose = purpose
        self.attempt = attempt
    }
}
