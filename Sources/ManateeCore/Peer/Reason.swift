/// Why a peer does what it does, or does not; log, status and transcripts print the same words.
package enum Reason: Hashable, Sendable {
    // Roles.

    /// The peer took this role in this generation.
    case assumed(PeerRole, Generation?)
    /// A deposed peer waits for an operator, as configured.
    case deposedUntilRebuilt
    /// A deposed peer brings its copy back into line behind this peer.
    case reconciling(behind: PeerID)

    // Changes of the cluster state that are begun.

    /// As first peer, set the shard up; nil: alone.
    case settingUp(sync: PeerID?)
    /// As sync, become primary in place of a peer that is gone.
    case takingOver(from: PeerID, Loss, candidate: PeerID)
    /// As primary, take a new sync in place of one that is gone.
    case replacingSync(PeerID, Loss, candidate: PeerID)
    /// As primary, prepare to give the place up to this peer, because an operator asked for it.
    case preparingHandover(to: PeerID)
    /// As primary, stop for this peer.
    case stoppingForSync(PeerID)
    /// As primary that has stopped here, leave the rest to this peer.
    case handingOver(to: PeerID, at: WALPosition)
    /// As sync, become primary in place of this peer, which has stopped for it.
    case completingHandover(from: PeerID, candidate: PeerID)
    /// As primary, take the handover to this peer back.
    case undoingHandover(to: PeerID, Abandonment)
    /// As primary, take this async as sync in place of another, because an operator asked for it.
    case promotingAsync(PeerID, over: PeerID)
    /// As primary, move this async ahead of another, because an operator asked for it.
    case movingAsync(PeerID, ahead: PeerID)
    /// As primary, take a request to promote back.
    case removingRequest(PromoteRequest.Problem)
    /// As primary that acknowledges alone, take this peer as sync.
    case leavingOneNodeWriteMode(sync: PeerID)
    /// As primary, change the list of asyncs.
    case changingAsyncs(added: [PeerID], removed: [PeerID])
    /// As deposed peer that streams again, join the end of the chain behind this peer.
    case rejoining(behind: PeerID)
    /// An earlier process left a write in doubt that must not take effect late.
    case sealing(Generation)

    // Changes that are refused, given up or failed.

    /// An operator ordered that nothing changes.
    case frozen(PeerMachine.Intent, Freeze)
    /// No listed async is present to become sync.
    case noCandidate(PeerMachine.Intent, listed: [PeerID])
    /// The own postgres is not as it should be.
    case postgresNotReady(PeerMachine.Intent)
    /// Clients are not admitted: the sync has not everything yet.
    case writesNotOpen(PeerMachine.Intent)
    /// A stop would take too long, or this sync does not keep up.
    case handoverNotPrepared(to: PeerID, PostgresFailure)
    /// The own copy does not reach the beginning of the generation (rule S4).
    case notCaughtUp(
        PeerMachine.Intent,
        own: WALPosition,
        needed: LSN,
        timeline: TimelineID?,
        since: Generation
    )
    /// Acknowledgements could not be stopped.
    case stopFailed(PeerMachine.Intent, PostgresFailure)
    /// Something came between the decision and the write.
    case abandoned(PeerMachine.Intent, Abandonment)
    /// Somebody else wrote first.
    case writeConflict(PeerMachine.Intent, expected: StateVersion?)
    /// The store certainly did not write.
    case writeFailed(PeerMachine.Intent, EffectFailure)
    /// The shard is not set up: another peer is first in the election.
    case waitingForSetup(by: PeerID?)
    /// The shard is not set up: there is no second peer.
    case waitingForSecondPeer
    /// The shard is not set up: there is a database but no state that says what it is.
    case databaseWithoutState(SystemIdentifier)

    // Writes whose reply was lost.

    /// A write may or may not have taken effect.
    case writeInDoubt(PeerMachine.Intent, EffectFailure)
    /// It is known how a write in doubt ended.
    case doubtSettled(PeerMachine.Intent, Settlement)
    /// It is known how a write of an earlier process ended.
    case earlierProposalSettled(Generation, Settlement)

    // The store.

    /// There is no word from the store.
    case storeAway
    /// The store shows less than this peer has acted on; nil: nothing at all.
    case storeWentBack(known: Seen, shown: Seen?)
    /// The store tells of another past than the one that this peer acted in.
    case otherHistory(known: Reign, shown: Seen)
    /// The cluster state cannot be understood or is impossible.
    case stateUnreadable(String)
    /// The store is silent since the start; the memory gives this role.
    case actingOnMemory(PeerRole, Generation)
    /// The store is silent since the start; the remembered role needs it.
    case waitingForStore(PeerRole, Generation)
    /// The store is silent since the start, and an own write of this generation is in doubt.
    case proposalInDoubt(Generation)
    /// The store is silent since the start, and nothing is remembered.
    case nothingRemembered

    // The own disk and postgres.

    /// The memory could not be made durable.
    case memoryFailed(EffectFailure)
    /// Postgres could not be configured.
    case postgresFailed(PostgresFailure)
    /// Postgres is no longer as it was asked to be.
    case postgresLost(String)
    /// Postgres runs, but does not answer.
    case postgresHung(String)
    /// Postgres restarts itself.
    case postgresRestarting(String)
    /// As primary without its postgres, give this sync time to take over; what was seen.
    case standingAside(for: PeerID, Duration, String)
    /// Clients are admitted.
    case writesOpened(Generation)
    /// Clients were served for this long without a word from store and sync: now they are not.
    case readsEnded(after: Duration)
    /// Store or sync is heard again.
    case readsAllowed
    /// The gate could not be shut or released.
    case gateFailed(PostgresFailure)

    // The other peers.

    /// Something is held against this peer, but it does not suffice to act on.
    case suspecting(PeerID, Judgement.Suspicion)
    /// This peer does not stand for election, but it serves, and nobody else does that could take its place.
    case sparing(PeerID)

    /// Why a peer is taken for gone.
    package enum Loss: Hashable, Sendable {
        /// It does not stand for election.
        case absent
        /// By what was seen and heard of it.
        case evidence(Judgement)
    }

    /// What came between the decision to change the state and the write.
    package enum Abandonment: Hashable, Sendable {
        /// The store went away.
        case storeAway
        /// The store shows what must not be followed.
        case storeRefused
        /// An operator froze the cluster.
        case frozen(Freeze)
        /// Somebody changed the state.
        case stateChanged
        /// The peer that was gone is present again.
        case returned(PeerID)
        /// The candidate is gone.
        case vanished(PeerID)
        /// Postgres was lost.
        case postgresLost(String)
        /// The sync is gone for which the primary was to stop.
        case syncGone(PeerID)
        /// Postgres did not stop in order.
        case notStopped(PostgresFailure)
        /// The handover was not over in time.
        case handoverExpired
        /// An earlier process of this peer, or another peer, left the handover behind.
        case leftBehind
        /// The operator's request is not to be carried out any more.
        case requestEnded(PromoteRequest.Problem)
    }

    /// How a write in doubt ended.
    package enum Settlement: Hashable, Sendable {
        /// It took effect.
        case own
        /// It did not, and the state is as before.
        case notApplied
        /// The state is somebody else's.
        case other
    }

    /// Generation and version of a state.
    package struct Seen: Hashable, Sendable {
        /// The state's generation.
        package var generation: Generation
        /// The store's version of it.
        package var version: StateVersion

        /// What tells `state` from older ones.
        package init(_ state: VersionedState) {
            generation = state.state.generation
            version = state.version
        }
    }

    /// What a reason is about: of each subject only the last word counts.
    package enum Subject: Hashable, Sendable, CaseIterable {
        /// What the peer is.
        case role
        /// Why a change does not happen.
        case refusal
        /// A change that was begun.
        case change
        /// Why an operator's request is not carried out.
        case requestRefusal
        /// An operator's request that is carried out.
        case request
        /// Why a change of the asyncs does not happen.
        case asyncsRefusal
        /// A change of the asyncs that was begun.
        case asyncs
        /// A write in doubt.
        case doubt
        /// What the store shows.
        case store
        /// Whether the store answers.
        case connection
        /// The own postgres.
        case postgres
        /// Whether clients are admitted.
        case writes
        /// Whether clients are sent away, because what they read may be old.
        case reads
        /// The own memory.
        case memory
        /// What is held against another peer.
        case suspicion
    }

    /// What this reason is about.
    package var subject: Subject {
        switch self {
        case .assumed:
            .role
        case .changingAsyncs:
            .asyncs
        case .preparingHandover, .stoppingForSync, .handingOver, .completingHandover,
            .undoingHandover, .promotingAsync, .movingAsync, .removingRequest:
            .request
        case .handoverNotPrepared:
            .requestRefusal
        case .settingUp, .takingOver, .replacingSync, .leavingOneNodeWriteMode, .reconciling,
            .rejoining, .sealing:
            .change
        case .frozen(let intent, _), .noCandidate(let intent, _), .postgresNotReady(let intent),
            .writesNotOpen(let intent), .notCaughtUp(let intent, _, _, _, _),
            .stopFailed(let intent, _),
            .abandoned(let intent, _), .writeConflict(let intent, _), .writeFailed(let intent, _):
            intent.refusal
        case .waitingForSetup, .waitingForSecondPeer, .databaseWithoutState, .deposedUntilRebuilt:
            .refusal
        case .writeInDoubt, .doubtSettled, .earlierProposalSettled:
            .doubt
        case .storeWentBack, .otherHistory, .stateUnreadable, .actingOnMemory, .waitingForStore,
            .proposalInDoubt, .nothingRemembered:
            .store
        case .storeAway:
            .connection
        case .memoryFailed:
            .memory
        case .postgresFailed, .postgresLost, .postgresHung, .postgresRestarting, .standingAside:
            .postgres
        case .suspecting, .sparing:
            .suspicion
        case .writesOpened:
            .writes
        case .readsEnded, .readsAllowed, .gateFailed:
            .reads
        }
    }
}
