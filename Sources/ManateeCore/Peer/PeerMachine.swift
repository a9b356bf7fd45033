/// The decisions of one peer, as a value: an event goes in, what is to be done comes out.
///
/// It holds no clock and does nothing itself: the shell carries out the actions in their order and
/// tells each end as an event. A log of (moment, event) pairs therefore replays everything.
///
/// After each event but a beat that says what is known the machine does the same seven things
/// (`decide`):
/// 1. it abandons a change of the state that the event has overtaken,
/// 2. it writes a proposal that has become durable,
/// 3. it begins the change that the state and the present peers call for, if none is under way,
/// 4. it asks for the postgres that the state gives this peer, unless acknowledgements are held,
/// 5. it begins or ends the hold on the gate that bounds reads from the past,
/// 6. it makes durable what a restart must know,
/// 7. it says what changed about itself, and sees to it that it watches whom it should.
///
/// The invariants, by the rules of `docs/internals/state-machine.md`: roles follow from the state
/// alone (S1); a new generation names this peer as primary (S2); nobody can acknowledge under the
/// old generation between the sample and the end of the write, however that ends (S3); nothing is
/// declared while the store is away (S10) or the cluster is frozen (S11).
package struct PeerMachine: Hashable, Sendable {
    /// What an operator decided.
    var configuration: Configuration

    var life: Life = .unstarted { didSet { steps.note(.life(oldValue, life)) } }
    var store: StoreLink = .disconnected { didSet { steps.note(.store(oldValue, store)) } }
    var standing: Standing = .unheard { didSet { steps.note(.standing(oldValue, standing)) } }
    /// A look at the store that settles whether a surprising notice was only late.
    var confirmation: Confirmation = .none
    /// The state that this peer acts on; its roles and its postgres follow from it.
    var followed: VersionedState? { didSet { isWatchOutdated = true } }
    var activePeers: [Peer] = [] { didSet { isWatchOutdated = true } }
    var change: Change = .idle { didSet { steps.note(.change(oldValue, change)) } }
    var postgres: PostgresLink = .untouched { didSet { steps.note(.postgres(oldValue, postgres)) } }
    var memory = PeerMemory() { didSet { isMemoryOutdated = true } }
    /// Whether the memory may differ from what is durable.
    var isMemoryOutdated = false
    var memoryLink: MemoryLink = .idle(saved: nil) {
        didSet { steps.note(.memory(oldValue, memoryLink)) }
    }
    var syncLink: SyncLink = .silent { didSet { steps.note(.sync(oldValue, syncLink)) } }
    var gateHold: GateHold = .none { didSet { steps.note(.gate(oldValue, gateHold)) } }
    var role: PeerRole = .unknown { didSet { steps.note(.role(oldValue, role)) } }
    var roleSince = Instant()
    var writesOpen: Generation?
    var reported: [Reason.Subject: Reason] = [:]
    var attempts = 0
    /// The wait for the end of an operator's request.
    var requestExpiry: RequestExpiry?
    /// What is seen and heard of the other peers.
    var evidence: Evidence
    /// The peers that are watched, in order of their names.
    var watched: [Peer] = []
    /// Whether somebody may have come or gone who is to be watched.
    var isWatchOutdated = false
    /// What this peer said last; nil before the first word.
    var spoken: PeerWord?
    var mishap: Mishap = .none
    /// When the next look at the evidence is due; nil while there is none.
    var look: Look?
    /// When this peer began to follow the present generation.
    var generationSince = Instant()
    /// How far this process has come as primary that gives its place up.
    var handoverStage: HandoverStage = .none
    /// When the event at hand happened.
    var moment = Moment(Instant(), wall: WallTime(milliseconds: 0))
    /// What the event at hand calls for; empty between events.
    var actions: [PeerAction] = []
    /// How the sub-states moved at the event at hand.
    var steps = Steps()
    /// Until when nothing can follow from what is known; nil while something may be left to do.
    var quietUntil: Instant?

    /// The process's own life.
    enum Life: Hashable {
        /// Valid transitions: `.running`.
        case unstarted
        /// What is on the disk. Valid transitions: `.failed`.
        case running(PostgresInventory)
        /// The process is to end; nothing is decided any more.
        case failed(FatalReason)
    }

    /// A machine that waits for `started`.
    package init(_ configuration: Configuration) {
        self.configuration = configuration
        evidence = Evidence(configuration.detection)
    }

    /// Takes `event`, which happened at `now`, and returns what to do, in the order in which it
    /// must be begun.
    package mutating func handle(_ event: PeerEvent, at now: Moment) -> [PeerAction] {
        moment = now
        steps = Steps()
        defer { actions = [] }
        switch life {
        case .unstarted:
            guard case .started(let memory, let inventory) = event else {
                preconditionFailure("\(event) came before the start")
            }
            start(remembering: memory, finding: inventory)
        case .running:
            if isBeatWithoutNews(event) { return [] }
            excuseOwnStandstill()
            take(event)
        case .failed:
            return []
        }
        decide()
        return actions
    }

    private mutating func take(_ event: PeerEvent) {
        switch event {
        case .started:
            preconditionFailure("started twice")
        case .storeConnected(let view):
            storeConnected(view)
        case .storeDisconnected:
            storeDisconnected()
        case .clusterStateChanged(let shown):
            observe(shown, .notice)
        case .clusterStateUnreadable(let problem):
            refuse(.stateUnreadable(problem))
        case .activePeersChanged(let peers):
            activePeers = peers
        case .remembered(let attempt, let failure):
            remembered(attempt, failure)
        case .stateWritten(let attempt, let outcome):
            stateWritten(attempt, outcome)
        case .stateRead(let attempt, let result):
            stateRead(attempt, result)
        case .acknowledgementsStopped(let attempt, let result):
            acknowledgementsStopped(attempt, result)
        case .handoverPrepared(let attempt, let failure):
            handoverPrepared(attempt, failure)
        case .postgresConfigured(let attempt, let result):
            postgresConfigured(attempt, result)
        case .postgresLost(let seen):
            postgresLost(seen)
        case .postgresHung(let seen):
            postgresHung(seen)
        case .postgresRestarting(let seen):
            postgresRestarting(seen)
        case .postgresAnswers:
            postgresAnswers()
        case .observed(let peer, let seen):
            observed(seen, of: peer)
        case .writesOpened(let generation):
            writesOpened(generation)
        case .syncHeard(let isHeard):
            syncHeard(isHeard)
        case .gateOrdered(let attempt, let failure):
            gateOrdered(attempt, failure)
        case .detectionChanged(let detection):
            detectionChanged(detection)
        case .timerFired(let timer):
            timerFired(timer)
        }
    }

    private mutating func decide() {
        guard case .running = life else { return }
        failHandoverIfHindered()
        abandonIfOvertaken()
        writeIfRemembered()
        pursue()
        reconcilePostgres()
        boundStaleReads()
        saveMemory()
        speak()
        watchPeers()
        let isAtRest = actions.isEmpty && steps.taken.isEmpty
        let next = nextLook
        quietUntil = isAtRest ? next : nil
        lookAgain(at: next)
    }

    /// Begins the change that the state and the present peers call for, if none is under way.
    private mutating func pursue() {
        guard store == .connected, case .idle = change else { return }
        switch standing {
        case .unheard, .remembered, .refused:
            break
        case .absent:
            considerSetup()
        case .current:
            guard let followed else { return }
            if memory.proposed != nil { return seal(followed) }
            switch role {
            case .primary: pursueAsPrimary(followed)
            case .sync: pursueAsSync(followed)
            case .deposed: pursueAsDeposed(followed)
            case .async, .unassigned, .unknown: break
            }
        }
    }

    /// Ends the machine: going on would be wrong and only an operator can help.
    mutating func fail(_ reason: FatalReason) {
        life = .failed(reason)
        actions.append(.fail(reason))
    }

    /// A name for the next effect.
    mutating func nextAttempt() -> Attempt {
        attempts += 1
        return Attempt(attempts)
    }

    /// Starts a timer and returns its name.
    mutating func startTimer(_ purpose: PeerTimer.Purpose, _ duration: Duration) -> PeerTimer {
        let timer = PeerTimer(purpose, nextAttempt())
        actions.append(.startTimer(timer, duration))
        return timer
    }

    /// Whether `peer` stands for election.
    func isPresent(_ peer: Peer) -> Bool { activePeers.contains(peer) }

    /// Tells the operator, unless the last word on the same subject was the same.
    mutating func report(_ reason: Reason) {
        guard reported[reason.subject] != reason else { return }
        reported[reason.subject] = reason
        actions.append(.report(reason))
    }

    /// Tells the operator of something that is over as soon as it is told.
    mutating func announce(_ reason: Reason) {
        actions.append(.report(reason))
    }

    /// Forgets the last word on `subject`, so that it is told again when it comes back.
    mutating func clear(_ subjects: Reason.Subject...) {
        for subject in subjects { reported[subject] = nil }
    }

    private mutating func timerFired(_ timer: PeerTimer) {
        switch timer.purpose {
        case .backOff:
            changeTimerFired(timer)
            memoryTimerFired(timer)
        case .postgresRetry:
            postgresTimerFired(timer)
        case .storeGrace:
            storeGraceEnded(timer)
        case .requestExpiry:
            requestTimerFired(timer)
        case .handover:
            handoverTimerFired(timer)
        case .staleReads:
            staleReadTimerFired(timer)
        case .look:
            lookTimerFired(timer)
        case .standAside:
            standAsideTimerFired(timer)
        }
    }
}
