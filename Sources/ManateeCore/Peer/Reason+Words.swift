extension Reason: CustomStringConvertible {
    /// The reason in an operator's words, with the numbers, on one line.
    package var description: String {
        switch self {
        case .assumed(let role, nil):
            return "this peer is \(role.rawValue): there is no cluster state"
        case .assumed(let role, let generation?):
            return "this peer is \(role.rawValue) in generation \(generation)"
        case .deposedUntilRebuilt:
            return "deposed: waiting until an operator has rebuilt this peer (rejoin is manual)"
        case .reconciling(let upstream):
            return "deposed: bringing the own copy back into line behind \(upstream)"

        case .settingUp(nil):
            return "setting up a new shard in one-node-write mode"
        case .settingUp(let sync?):
            return "setting up a new shard with \(sync) as sync: this peer is first in the election"
        case .takingOver(let primary, let loss, let candidate):
            return "primary \(primary) \(loss): taking over, with \(candidate) as sync"
        case .replacingSync(let sync, let loss, let candidate):
            return "sync \(sync) \(loss): replacing it with \(candidate)"
        case .preparingHandover(let sync):
            return "an operator asked for it: preparing to hand over to \(sync)"
        case .stoppingForSync(let sync):
            return "stopping in order, for \(sync) to take over"
        case .handingOver(let sync, let end):
            return "stopped, with the own log ending at \(end): \(sync) is to take over"
        case .completingHandover(let primary, let candidate):
            return
                "primary \(primary) has stopped for this peer: taking over, with \(candidate) as sync"
        case .undoingHandover(let sync, let cause):
            return "taking back the handover to \(sync): \(Self.words(cause))"
        case .promotingAsync(let async, let sync):
            return "an operator asked for it: replacing sync \(sync) with \(async)"
        case .movingAsync(let async, let other):
            return "an operator asked for it: moving async \(async) ahead of \(other)"
        case .removingRequest(let problem):
            return "taking back the request to promote: \(problem)"
        case .leavingOneNodeWriteMode(let sync):
            return "leaving one-node-write mode, with \(sync) as sync"
        case .changingAsyncs(let added, let removed):
            return "changing the asyncs: \(Self.difference(added: added, removed: removed))"
        case .rejoining(let upstream):
            return "the own copy streams again: joining the end of the chain behind \(upstream)"
        case .sealing(let generation):
            return """
                an earlier process of this peer left a write in doubt: writing generation \
                \(generation) again, so that it cannot take effect any more
                """

        case .frozen(let intent, let freeze):
            return "cannot \(intent): the cluster is frozen\(Self.because(freeze))"
        case .noCandidate(.leaveOneNodeWriteMode, _):
            return "cannot leave one-node-write mode: no other peer is present"
        case .noCandidate(let intent, let listed):
            guard !listed.isEmpty else {
                return "cannot \(intent): there is no async that could become sync"
            }
            return """
                cannot \(intent): no async can become sync; not present or not heard: \
                \(Self.list(listed))
                """
        case .postgresNotReady(let intent):
            return "cannot \(intent) yet: the own postgres is not as it should be"
        case .writesNotOpen(let intent):
            return "cannot \(intent) yet: the sync has not everything, so no client is admitted"
        case .handoverNotPrepared(let sync, let failure):
            return "cannot hand over to \(sync) yet: \(failure)"
        case .notCaughtUp(.completeHandover, let own, let needed, _, _):
            return """
                cannot take over as handed over: the own log ends at \(own), but the primary stopped \
                at \(needed); the primary takes the handover back
                """
        case .notCaughtUp(let intent, let own, let needed, let timeline, let generation):
            let start = timeline.map { "\(WALPosition(timeline: $0, lsn: needed))" } ?? "\(needed)"
            return """
                cannot \(intent): the own log ends at \(own), but generation \(generation) began \
                at \(start), so acknowledged writes may be missing here; \(Self.remedy(for: intent))
                """
        case .stopFailed(let intent, let failure):
            return "cannot \(intent): stopping the acknowledgements failed: \(failure)"
        case .abandoned(let intent, let cause):
            return "abandoned the attempt to \(intent): \(Self.words(cause))"
        case .writeConflict(let intent, let expected):
            let state = expected.map { "the cluster state was no longer at version \($0)" }
            return "could not \(intent): \(state ?? "there was a cluster state already")"
        case .writeFailed(let intent, let failure):
            return "could not \(intent): \(failure)"
        case .waitingForSetup(let first):
            let who = first.map { "\($0)" } ?? "the first peer in the election"
            return "no cluster state: waiting for \(who) to set up the shard"
        case .waitingForSecondPeer:
            return "no cluster state: waiting for a second peer to set up the shard with"
        case .databaseWithoutState(let database):
            return """
                no cluster state, but this peer holds the database with system identifier \
                \(database): not setting up an empty shard in its place; check the shard's path in \
                the configuration, or write the state with manatee-adm state-backfill
                """

        case .writeInDoubt(let intent, let failure):
            return
                "not known whether the write to \(intent) took effect: \(failure); reading it back"
        case .doubtSettled(let intent, let settlement):
            return "the write to \(intent) \(Self.words(settlement))"
        case .earlierProposalSettled(let generation, let settlement):
            return """
                the write of generation \(generation) by an earlier process of this peer \
                \(Self.words(settlement))
                """

        case .storeAway:
            return "the store is away: roles stay as they are until it answers"
        case .storeWentBack(let known, let shown):
            let seen = shown.map { "generation \($0.generation) at version \($0.version)" }
            return """
                the store shows \(seen ?? "no cluster state"), but this peer has acted on \
                generation \(known.generation) at version \(known.version): nothing is changed \
                until the store shows that again; check that it is the right store, and restore \
                its data
                """
        case .otherHistory(let known, let shown):
            return """
                the store shows generation \(shown.generation) at version \(shown.version) of another \
                history: this peer acted in a generation \(known.generation) of \(known.primary), begun at \
                \(known.initWAL), which that history does not have; the store was put back and led on \
                without it. Nothing is changed here: compare the data; to give up this peer's, move \
                its data directory and its memory file away and start it again
                """
        case .stateUnreadable(let problem):
            return "the cluster state cannot be followed: \(problem); everything stays as it is"
        case .actingOnMemory(let role, let generation):
            return """
                the store is silent: acting as \(role.rawValue) of generation \(generation), as \
                remembered; no role changes until it answers
                """
        case .waitingForStore(let role, let generation):
            return """
                the store is silent: this peer was \(role.rawValue) in generation \
                \(generation), and waits for it
                """
        case .proposalInDoubt(let generation):
            return """
                the store is silent, and it is not known whether this peer's write of generation \
                \(generation) took effect: postgres is not started until the store answers
                """
        case .nothingRemembered:
            return "the store is silent, and this peer remembers no cluster state: waiting for it"

        case .memoryFailed(let failure):
            return "cannot make the memory durable: \(failure); trying again"
        case .postgresFailed(let failure):
            return "cannot configure postgres: \(failure); trying again"
        case .postgresLost(let seen):
            return "postgres is not as it should be: \(seen); configuring it again"
        case .postgresHung(let seen):
            return "postgres does not answer: \(seen); whoever can take over is told so"
        case .postgresRestarting(let seen):
            return "postgres restarts itself: \(seen)"
        case .standingAside(let sync, let limit, let seen):
            return """
                postgres is gone: \(seen); giving \(sync) \(limit.inSeconds) to take over, then starting \
                it again
                """
        case .suspecting(let peer, let suspicion):
            return "\(peer) \(suspicion): waiting"
        case .sparing(let peer):
            return """
                \(peer) does not stand for election, but it is heard and serves, and no async does that could \
                take its place: waiting
                """
        case .writesOpened(let generation):
            return "clients are admitted in generation \(generation)"
        case .readsEnded(let limit):
            return """
                neither the store nor the sync was heard for \(limit): another peer may be primary by \
                now, so no client is served until one of them is heard
                """
        case .readsAllowed:
            return "the store or the sync is heard again: the gate is not held shut any more"
        case .gateFailed(let failure):
            return "cannot shut or release the gate: \(failure); trying again"
        }
    }

    private static func difference(added: [PeerID], removed: [PeerID]) -> String {
        (added.map { "+\($0)" } + removed.map { "-\($0)" }).joined(separator: " ")
    }

    private static func list(_ peers: [PeerID]) -> String {
        peers.map(\.description).joined(separator: ", ")
    }

    private static func remedy(for intent: PeerMachine.Intent) -> String {
        intent == .takeOver
            ? "wait for the primary to return" : "wait until this peer has caught up"
    }

    private static func because(_ freeze: Freeze) -> String {
        let since = freeze.date.map { " since \($0)" } ?? ""
        return since + (freeze.reason.map { ": \($0)" } ?? "")
    }

    private static func words(_ cause: Abandonment) -> String {
        switch cause {
        case .storeAway: "the store is away"
        case .storeRefused: "the store shows what cannot be followed"
        case .frozen(let freeze): "the cluster was frozen\(because(freeze))"
        case .stateChanged: "the cluster state has changed"
        case .returned(let peer): "\(peer) is back"
        case .vanished(let candidate): "\(candidate), which was to become sync, is gone"
        case .postgresLost(let seen): "the own postgres was lost: \(seen)"
        case .syncGone(let sync): "the sync \(sync) is gone"
        case .notStopped(let failure): "postgres did not stop in order: \(failure)"
        case .handoverExpired: "it took too long"
        case .leftBehind: "it was left behind"
        case .requestEnded(let problem): "the request to promote has ended: \(problem)"
        }
    }

    private static func words(_ settlement: Settlement) -> String {
        switch settlement {
        case .own: "took effect"
        case .notApplied: "did not take effect"
        case .other: "is over: the cluster state has moved on"
        }
    }
}

extension Reason.Loss: CustomStringConvertible {
    /// The loss as it follows the name of the peer.
    package var description: String {
        switch self {
        case .absent: "is gone"
        case .evidence(let judgement): judgement.description
        }
    }
}

extension PeerMachine.Intent: CustomStringConvertible {
    /// What is to be done, as it follows "cannot".
    package var description: String {
        switch self {
        case .setUp: "set up the shard"
        case .takeOver: "take over"
        case .announceHandover: "hand over as asked"
        case .handOver: "hand over"
        case .completeHandover: "take over as handed over"
        case .undoHandover: "take back the handover"
        case .replaceSync: "replace the sync"
        case .promoteAsync: "make the first async the sync as asked"
        case .moveAsync: "move the async as asked"
        case .removeRequest: "take back the request to promote"
        case .leaveOneNodeWriteMode: "leave one-node-write mode"
        case .changeAsyncs: "change the asyncs"
        case .rejoin: "join the chain"
        case .seal: "settle an earlier write"
        }
    }
}
