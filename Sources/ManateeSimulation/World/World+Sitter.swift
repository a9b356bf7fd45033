import ManateeCore

/// The sitter's process: it does what the machine says, as the real shell does.
extension World {
    mutating func startSitter(_ peer: Int) {
        guard !peers[peer].isUp, peers[peer].heldDown == 0 else { return }
        note(peer, "sitter starts")
        peers[peer].process += 1
        peers[peer].clock.restart(at: now)
        peers[peer].unattendedSince = nil
        if peers[peer].sitterPausedUntil > now { leaveUnattended(peer) }
        peers[peer].saving = []
        peers[peer].shown = nil
        peers[peer].deposedSince = nil
        peers[peer].postgres.operation = nil
        peers[peer].postgres.isGateHeld = false
        peers[peer].postgres.isSyncHeard = false
        peers[peer].postgres.syncHeardAt = now
        peers[peer].link = StoreLink(connection: peers[peer].link.connection + 1)
        peers[peer].run(
            PeerMachine(
                PeerMachine.Configuration(
                    peer: peers[peer].identity,
                    staleReadLimit: plan.staleReadLimit.duration,
                    detection: detection
                )
            )
        )
        beginHeartbeat(peer)
        add(
            .storeConnects(peer: peer, process: peers[peer].process),
            after: random.milliseconds(5, 120)
        )
        add(.syncIsWatched(peer: peer, process: peers[peer].process), after: .milliseconds(500))
        if isOpen(.fillDisk, peer) { lookAtRoomSoon(peer) }
        tell(peer, .started(startingMemory(peer), inventory(peer)))
    }

    private func inventory(_ peer: Int) -> PostgresInventory {
        guard let database = peers[peer].postgres.database else { return .empty }
        guard database.isComplete || plan.mutation == .trustIncompleteCopy else { return .empty }
        return .database(database.system)
    }

    private func startingMemory(_ peer: Int) -> PeerMemory {
        var memory = peers[peer].memory
        if plan.mutation == .forgetIntent { memory.proposed = nil }
        if plan.mutation == .forgetWhatWasSeen { memory.adopted = nil }
        return memory
    }

    /// Ends the sitter's process without any order.
    mutating func killSitter(_ peer: Int) {
        guard peers[peer].isUp else { return }
        note(peer, "sitter is gone")
        peers[peer].run(nil)
        breakStreams(from: peer)
        peers[peer].process += 1
        peers[peer].saving = []
        abandonOperation(peer)
        silenceStoreLink(peer)
        peers[peer].link.isConnected = false
        peers[peer].link.connection += 1
        leaveUnattended(peer)
    }

    /// Lets the machine take `event`, and begins what it asks for.
    mutating func tell(_ peer: Int, _ event: PeerEvent) {
        guard peers[peer].isUp else { return }
        if !event.isRoutine { decisions += 1 }
        let event = mutated(event, for: peer)
        checkBefore(peer, event)
        note(peer, "hears \(Words.of(event))")
        guard let actions = peers[peer].handle(event, at: now) else { return }
        if let observe, let machine = peers[peer].machine { observe(event, machine) }
        for action in actions {
            guard peers[peer].isUp else { return }
            perform(peer, action)
        }
    }

    /// Tells the sitter something a little later, if the same process still runs then.
    mutating func tellSoon(_ peer: Int, _ event: PeerEvent) {
        guard peers[peer].isUp else { return }
        add(
            .sitterHears(peer: peer, process: peers[peer].process, event),
            after: random.milliseconds(0, 3)
        )
    }

    private mutating func perform(_ peer: Int, _ action: PeerAction) {
        note(peer, Words.of(action))
        switch action {
        case .remember(let attempt, let memory):
            peers[peer].saving.append(MemorySave(attempt: attempt, memory: memory))
            if peers[peer].saving.count == 1 { saveMemory(peer) }
        case .writeState(let attempt, let state, let expected):
            write(peer, StateWrite(attempt: attempt, state: state, expected: expected))
        case .readState(let attempt):
            read(peer, attempt)
        case .stopAcknowledgements(let attempt, let how):
            begin(peer, attempt, .stopAcknowledgements(how))
        case .prepareHandover(let attempt, let sync):
            prepareHandover(peer, attempt, to: sync)
        case .configurePostgres(let attempt, let configuration):
            checkConfiguration(peer, configuration)
            begin(peer, attempt, .configure(configuration))
        case .cancelConfiguration(let attempt):
            cancelOperation(peer, attempt)
        case .orderGate(let attempt, let order):
            orderGate(peer, attempt, order)
        case .startTimer(let timer, let duration):
            startTimer(peer, timer, duration)
        case .watch(let others):
            watch(peer, others)
        case .speak(let word):
            speak(peer, word)
        case .report(.takingOver(_, let loss, _)), .report(.replacingSync(_, let loss, _)):
            peers[peer].lastLoss = loss
        case .report(.completingHandover), .report(.promotingAsync),
            .report(.leavingOneNodeWriteMode):
            peers[peer].lastLoss = nil
        case .report:
            break
        case .fail(let reason):
            checkFailure(peer, reason)
            leave(peer)
            add(.sitterStarts(peer: peer), after: .seconds(10))
        }
    }

    private mutating func startTimer(_ peer: Int, _ timer: PeerTimer, _ duration: Duration) {
        var wait = SimulatedTime(duration).microseconds
        switch timer.purpose {
        case .backOff, .postgresRetry: wait = wait * Int64(80 + random.below(41)) / 100
        case .storeGrace, .requestExpiry, .handover, .look, .standAside, .staleReads: break
        }
        wait = wait * 1_000_000 / (1_000_000 + peers[peer].clock.drift)
        add(
            .timerFires(peer: peer, process: peers[peer].process, timer),
            after: SimulatedTime(microseconds: wait)
        )
    }

    // MARK: Memory

    private mutating func saveMemory(_ peer: Int) {
        let delay =
            isOpen(.slowMemory, peer)
            ? random.milliseconds(500, 4000) : random.milliseconds(1, 20)
        add(.memorySaved(peer: peer, process: peers[peer].process), after: delay)
    }

    mutating func memorySaved(_ peer: Int, _ process: Int) {
        guard peers[peer].process == process, let save = peers[peer].saving.first
        else { return }
        peers[peer].saving.removeFirst()
        var failure: EffectFailure?
        if isOpen(.failMemory, peer) {
            failure = EffectFailure("no space is left on the device")
        } else {
            peers[peer].memory = save.memory
            checkPast(peer, save.memory)
            if let generation = save.memory.adopted?.state.generation {
                truth.remembered[peer] = max(truth.remembered[peer] ?? generation, generation)
            }
        }
        if !peers[peer].saving.isEmpty { saveMemory(peer) }
        tell(peer, .remembered(save.attempt, failure))
    }

    /// Whether a fault of this kind goes on at the peer.
    func isOpen(_ kind: Fault.Kind, _ peer: Int) -> Bool {
        peers[peer].windows.isOpen(kind)
    }
}

extension PeerEvent {
    /// Whether it comes again and again while nothing happens.
    fileprivate var isRoutine: Bool {
        switch self {
        case .observed(_, .beat), .observed(_, .knocked): true
        case .timerFired(let timer): timer.purpose == .look
        case .observed(_, .streamLost), .started, .storeConnected, .storeDisconnected,
            .clusterStateChanged, .clusterStateUnreadable, .activePeersChanged, .remembered,
            .stateWritten, .stateRead, .acknowledgementsStopped, .handoverPrepared,
            .postgresConfigured,
            .postgresLost, .postgresHung, .postgresRestarting, .postgresAnswers, .detectionChanged,
            .writesOpened,
            .syncHeard, .gateOrdered:
            false
        }
    }
}

extension Fault.Kind {
    /// Its place in `allCases`.
    var index: Int { Fault.Kind.indices[self] ?? 0 }

    private static let indices = Dictionary(
        uniqueKeysWithValues: allCases.enumerated().map { ($1, $0) }
    )
}
