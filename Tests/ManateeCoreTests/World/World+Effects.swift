import ManateeCore

/// What the machine's actions do to the world.
extension World {
    mutating func perform(_ action: PeerAction) {
        output.append(contentsOf: rendered(action))
        if let kind = kind(of: action), paused.contains(kind) {
            waiting[kind, default: []].append(action)
            return
        }
        carryOut(action)
    }

    private func kind(of action: PeerAction) -> Pausable? {
        switch action {
        case .remember: .memory
        case .writeState, .readState: .store
        case .stopAcknowledgements, .prepareHandover, .configurePostgres: .postgres
        case .cancelConfiguration, .startTimer, .watch, .speak, .report, .orderGate, .fail: nil
        }
    }

    mutating func carryOut(_ action: PeerAction) {
        switch action {
        case .remember(let attempt, let memory): remember(attempt, memory)
        case .writeState(let attempt, let state, let expecting):
            write(attempt, state, expecting: expecting)
        case .readState(let attempt): read(attempt)
        case .stopAcknowledgements(let attempt, let how): stopAcknowledgements(attempt, how)
        case .prepareHandover(let attempt, _): prepareHandover(attempt)
        case .configurePostgres(let attempt, let target): configure(attempt, target)
        case .cancelConfiguration(let attempt): cancel(attempt)
        case .orderGate(let attempt, let order): orderGate(attempt, order)
        case .startTimer(let timer, let duration):
            timers.append(Timer(timer: timer, due: now.advanced(by: duration)))
        case .watch, .speak, .report: break
        case .fail: end()
        }
    }

    /// The process ends; its election node goes with its session.
    mutating func end() {
        machine = nil
        ghosts += waiting[.store] ?? []
        queue = []
        timers = []
        waiting = [:]
        isConnected = false
        running = .stopped
        isSyncHeard = false
        isGateHeld = false
        activePeers.removeAll { $0 == World.n1 }
    }

    private mutating func remember(_ attempt: Attempt, _ memory: PeerMemory) {
        if !faults.memories.isEmpty {
            let failure = faults.memories.removeFirst()
            note("! not durable: \(failure)")
            return queue.append(.remembered(attempt, EffectFailure(failure)))
        }
        self.memory = memory
        queue.append(.remembered(attempt, nil))
    }

    // MARK: Store

    private mutating func write(
        _ attempt: Attempt,
        _ state: ClusterState,
        expecting: StateVersion?
    ) {
        guard isStoreUp else {
            note("! the reply is lost")
            return queue.append(
                .stateWritten(attempt, .unknown(EffectFailure("connection lost")))
            )
        }
        let fault = faults.writes.isEmpty ? nil : faults.writes.removeFirst()
        switch fault {
        case .fails(let failure):
            note("! not written: \(failure)")
            return queue.append(.stateWritten(attempt, .failed(EffectFailure(failure))))
        case .repliesLost(let arrives):
            let isApplied = arrives && stored?.version == expecting
            if isApplied { put(state) }
            note("! the reply is lost (\(isApplied ? "written" : "not written"))")
            queue.append(.stateWritten(attempt, .unknown(EffectFailure("connection lost"))))
            if isApplied { tellState() }
            return
        case .overtaken(let verb):
            note("! before it arrives: \(verb.joined(separator: " "))")
            do {
                try run(verb)
            } catch {
                note("! \(error)")
            }
        case nil:
            break
        }
        guard stored?.version == expecting else {
            note("! conflict")
            return queue.append(.stateWritten(attempt, .conflict))
        }
        put(state)
        guard let stored else { return }
        note("= written at version \(stored.version)")
        queue.append(.stateWritten(attempt, .written(stored.version)))
        tellState()
    }

    private mutating func read(_ attempt: Attempt) {
        guard isStoreUp, faults.reads.isEmpty else {
            let failure = faults.reads.isEmpty ? "connection lost" : faults.reads.removeFirst()
            note("! not read: \(failure)")
            return queue.append(.stateRead(attempt, .failure(EffectFailure(failure))))
        }
        note("= \(rendered(stored))")
        queue.append(.stateRead(attempt, .success(stored)))
    }

    // MARK: Postgres

    private mutating func prepareHandover(_ attempt: Attempt) {
        let failure = faults.preparations.isEmpty ? nil : faults.preparations.removeFirst()
        if let failure { note("! \(failure)") }
        queue.append(.handoverPrepared(attempt, failure))
    }

    private mutating func stopAcknowledgements(_ attempt: Attempt, _ how: AcknowledgementStop) {
        if !faults.stops.isEmpty {
            let failure = faults.stops.removeFirst()
            note("! \(failure)")
            return queue.append(.acknowledgementsStopped(attempt, .failure(failure)))
        }
        if how == .shutDown {
            running = .stopped
            log.end.lsn = LSN(log.end.lsn.bytes + 0xA)
        }
        note("= the own log ends at \(log)")
        // Behind the fence nobody acknowledges.
        tellSync(isHeard: false)
        queue.append(.acknowledgementsStopped(attempt, .success(log)))
    }

    private mutating func configure(_ attempt: Attempt, _ target: PostgresConfiguration) {
        if !faults.postgres.isEmpty {
            let failure = faults.postgres.removeFirst()
            note("! \(failure)")
            return queue.append(.postgresConfigured(attempt, .failure(failure)))
        }
        switch target {
        case .stopped:
            break
        case .primary(let primary):
            if case .standby = running { promote() }
            inventory = .database(World.database)
            log.end.lsn = LSN(log.end.lsn.bytes + 0xA)
            queue.append(.postgresConfigured(attempt, .success(World.database)))
            queue.append(.writesOpened(primary.generation))
        case .standby:
            inventory = .database(World.database)
            queue.append(.postgresConfigured(attempt, .success(World.database)))
        }
        if target == .stopped {
            let database: SystemIdentifier? =
                if case .database(let found) = inventory { found } else { nil }
            queue.append(.postgresConfigured(attempt, .success(database)))
        }
        running = target
        if case .primary(let primary) = target {
            tellSync(isHeard: primary.sync != nil && isSyncAttached)
        } else {
            tellSync(isHeard: false)
        }
    }

    /// What postgres tells of its sync's word; it tells changes only.
    mutating func tellSync(isHeard: Bool) {
        guard isSyncHeard != isHeard else { return }
        isSyncHeard = isHeard
        if machine != nil { queue.append(.syncHeard(isHeard)) }
    }

    private mutating func orderGate(_ attempt: Attempt, _ order: GateOrder) {
        var failure: PostgresFailure?
        if !faults.gates.isEmpty {
            failure = PostgresFailure(.other, faults.gates.removeFirst())
            note("! \(failure.map { "\($0)" } ?? "")")
        }
        isGateHeld = order == .shut
        queue.append(.gateOrdered(attempt, failure))
        if failure == nil, order == .release, case .primary(let primary) = running {
            queue.append(.writesOpened(primary.generation))
        }
    }

    private mutating func promote() {
        log.history.switches.append(.init(timeline: log.end.timeline, end: log.end.lsn))
        log.end.timeline = TimelineID(log.end.timeline.number + 1)
        shardHistory = log.history
    }

    private mutating func cancel(_ attempt: Attempt) {
        guard let index = waiting[.postgres]?.firstIndex(where: { $0.attempt == attempt }) else {
            return
        }
        waiting[.postgres]?.remove(at: index)
        let failure = PostgresFailure(.cancelled, "cancelled")
        queue.append(.postgresConfigured(attempt, .failure(failure)))
    }
}

extension PeerAction {
    /// The effect's identity, if it is a configuration.
    fileprivate var attempt: Attempt? {
        switch self {
        case .configurePostgres(let attempt, _): attempt
        case .remember, .writeState, .readState, .stopAcknowledgements, .prepareHandover,
            .cancelConfiguration,
            .startTimer, .watch, .speak, .report, .orderGate, .fail:
            nil
        }
    }
}
