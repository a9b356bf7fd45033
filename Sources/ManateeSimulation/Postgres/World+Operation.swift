import ManateeCore

/// What a sitter asks of its postgres, pursued step by step as the port `PostgresControl` promises.
extension World {
    /// How long is waited for a standby that must stream, and for acknowledgements to stop.
    private static let patience = SimulatedTime.seconds(15)

    mutating func begin(_ peer: Int, _ attempt: Attempt, _ goal: SimulatedPostgres.Operation.Goal) {
        guard peers[peer].postgres.operation == nil else {
            violate(.contract, "\(PeerName.of(peer)) began a second operation on its postgres")
            return
        }
        peers[peer].postgres.operations += 1
        peers[peer].postgres.operation = SimulatedPostgres.Operation(
            serial: peers[peer].postgres.operations,
            attempt: attempt,
            goal: goal,
            deadline: now + World.patience
        )
        enter(peer, .pursuing, effort(peer, 1, 12))
    }

    /// Lets the present operation go on after `delay`, and not before.
    mutating func enter(
        _ peer: Int,
        _ phase: SimulatedPostgres.Operation.Phase,
        _ delay: SimulatedTime
    ) {
        peers[peer].postgres.operation?.phase = phase
        peers[peer].postgres.operation?.due = now + delay
        add(
            .operationGoesOn(peer: peer, serial: peers[peer].postgres.operations),
            after: delay
        )
    }

    func slowed(_ time: SimulatedTime, at peer: Int) -> SimulatedTime {
        isOpen(.slowPostgres, peer) ? SimulatedTime(microseconds: time.microseconds * 8) : time
    }

    mutating func effort(_ peer: Int, _ low: Int64, _ high: Int64) -> SimulatedTime {
        slowed(random.milliseconds(low, high), at: peer)
    }

    /// Looks what is to be done next, after something changed.
    mutating func pursue(_ peer: Int) {
        operationGoesOn(peer, peers[peer].postgres.operations)
    }

    mutating func operationGoesOn(_ peer: Int, _ serial: Int) {
        guard let operation = peers[peer].postgres.operation, operation.serial == serial,
            operation.due <= now
        else { return }
        if isOpen(.failPostgres, peer), operation.phase == .pursuing, random.chance(400) {
            fail(peer, .other, "postgres does not do what it is asked for")
            return
        }
        switch operation.goal {
        case .configure(.stopped): pursueStop(peer)
        case .configure(.primary(let part)): pursuePrimary(peer, part, operation)
        case .configure(.standby(let part)): pursueStandby(peer, part, operation)
        case .stopAcknowledgements(.detachFromUpstream): pursueDetachment(peer, operation)
        case .stopAcknowledgements(.fence(let replaced)):
            pursueFence(peer, replaced, operation)
        case .stopAcknowledgements(.shutDown): pursueShutDown(peer, operation)
        }
    }

    /// Lets the present operation go on when its sitter has noticed what happened.
    mutating func resume(_ peer: Int) {
        guard peers[peer].postgres.operation != nil else { return }
        enter(peer, .pursuing, effort(peer, 2, 25))
    }

    // MARK: Ends

    private mutating func succeed(_ peer: Int) {
        guard let operation = peers[peer].postgres.operation else { return }
        peers[peer].postgres.operation = nil
        note(peer, "postgres is as configured")
        tellSoon(
            peer,
            .postgresConfigured(
                operation.attempt,
                .success(peers[peer].postgres.database?.system)
            )
        )
    }

    mutating func fail(_ peer: Int, _ kind: PostgresFailure.Kind, _ detail: String) {
        guard let operation = peers[peer].postgres.operation else { return }
        peers[peer].postgres.operation = nil
        note(peer, "postgres: \(detail)")
        let failure = PostgresFailure(kind, detail)
        switch operation.goal {
        case .configure:
            tellSoon(peer, .postgresConfigured(operation.attempt, .failure(failure)))
        case .stopAcknowledgements:
            tellSoon(peer, .acknowledgementsStopped(operation.attempt, .failure(failure)))
        }
    }

    mutating func cancelOperation(_ peer: Int, _ attempt: Attempt) {
        guard let operation = peers[peer].postgres.operation, operation.attempt == attempt,
            case .configure(.standby) = operation.goal
        else { return }
        switch operation.phase {
        case .copying, .rewinding, .pursuing: fail(peer, .cancelled, "superseded by a newer wish")
        case .creating, .detaching, .fencing, .sampling, .ending: break
        }
    }

    /// Forgets what nobody waits for any more; what was begun with the server goes on.
    mutating func abandonOperation(_ peer: Int) {
        peers[peer].postgres.operation = nil
    }

    // MARK: Stopped

    private mutating func pursueStop(_ peer: Int) {
        switch peers[peer].postgres.server {
        case .stopped: succeed(peer)
        case .starting, .running: stopServer(peer)
        case .stopping: break
        }
    }

    // MARK: Primary

    private mutating func pursuePrimary(
        _ peer: Int,
        _ part: PostgresConfiguration.Primary,
        _ operation: SimulatedPostgres.Operation
    ) {
        guard let database = peers[peer].postgres.database else {
            guard operation.phase == .creating else {
                return enter(peer, .creating, effort(peer, 300, 1500))
            }
            createDatabase(peer)
            return enter(peer, .pursuing, .zero)
        }
        guard database.isComplete || plan.mutation == .trustIncompleteCopy else {
            return fail(peer, .other, "the copy is incomplete")
        }
        let sync = index(of: part.sync)
        let isNew =
            peers[peer].postgres.generation != part.generation
            || peers[peer].postgres.sync != sync
        peers[peer].postgres.generation = part.generation
        peers[peer].postgres.sync = sync
        peers[peer].postgres.wantedTimeline = part.timeline?.number
        switch peers[peer].postgres.server {
        case .stopped:
            setNames(peer, sync)
            // A server that is to be promoted must confirm nothing to anybody before it is.
            peers[peer].postgres.receiver.upstream = nil
            startServer(peer)
        case .starting, .stopping:
            break
        case .running:
            if peers[peer].postgres.isInRecovery {
                promote(peer)
            } else {
                if isNew { peers[peer].postgres.gateNeeds = peers[peer].postgres.log.count }
                setNames(peer, sync)
                peers[peer].postgres.owesWritesOpened = true
                succeed(peer)
                watchGate(peer)
            }
        }
    }

    private mutating func setNames(_ peer: Int, _ sync: Int?) {
        let names: SimulatedPostgres.Names = sync.map { .peer($0) } ?? .nobody
        setNames(peer, names)
    }

    private mutating func createDatabase(_ peer: Int) {
        var database = SimulatedPostgres.Database(system: SystemIdentifier(nextSystem))
        nextSystem += 1
        for _ in 0..<3 { database.log.append(newRecord(timeline: 1)) }
        database.log.flush(upTo: 3)
        database.log.replay(upTo: 3)
        peers[peer].postgres.database = database
        note(peer, "creates a database")
    }

    // MARK: Standby

    private mutating func pursueStandby(
        _ peer: Int,
        _ part: PostgresConfiguration.Standby,
        _ operation: SimulatedPostgres.Operation
    ) {
        guard let source = index(of: source(of: part, for: peer)),
            let upstream = index(of: part.upstream)
        else {
            return fail(peer, .sourceUnreachable, "the source is not known")
        }
        switch operation.phase {
        case .copying: return endCopy(peer, from: source)
        case .rewinding: return endRewind(peer, from: source)
        case .pursuing, .creating, .detaching, .fencing, .sampling, .ending: break
        }
        let postgres = peers[peer].postgres
        if postgres.server == .running, !postgres.isInRecovery || postgres.isPromoting {
            return stopServer(peer)
        }
        let isComplete =
            postgres.database?.isComplete == true
            || postgres.database != nil && plan.mutation == .trustIncompleteCopy
        if !isComplete {
            guard postgres.server == .stopped else { return stopServer(peer) }
            return beginCopy(peer, from: source)
        }
        if canCopy(peer, from: source), let theirs = peers[source].postgres.database,
            theirs.system != postgres.database?.system
        {
            return fail(peer, .foreignDatabase, "the database belongs to another cluster")
        }
        peers[peer].postgres.generation = nil
        peers[peer].postgres.sync = nil
        setNames(peer, standbyNames(part))
        peers[peer].postgres.database?.isStandby = true
        switch postgres.server {
        case .starting, .stopping: return
        case .stopped: return startServer(peer)
        case .running: break
        }
        if postgres.receiver.hasDiverged, postgres.receiver.upstream == upstream {
            return stopServer(peer, thenReconcile: true)
        }
        follow(peer, upstream)
        // What an upstream sends proves nothing if it has left the primary's log itself.
        if part.mustStream, source != upstream, isStreaming(peer) {
            guard canAsk(peer, source) else {
                return fail(peer, .sourceUnreachable, "the source does not answer")
            }
            if plan.mutation != .trustStream, !agrees(peer, with: source) {
                return stopServer(peer, thenReconcile: true)
            }
        }
        let receiver = peers[peer].postgres.receiver
        let isConsistent = postgres.log.count >= postgres.database?.consistentAt ?? 0
        if isConsistent, !part.mustStream || receiver.phase == .streaming { return succeed(peer) }
        if now >= operation.deadline {
            return fail(peer, .sourceUnreachable, "the upstream does not send its log")
        }
        enter(peer, .pursuing, .milliseconds(400))
        // Streaming that begins earlier is noticed at once.
        peers[peer].postgres.operation?.due = now
    }

    private func source(of part: PostgresConfiguration.Standby, for peer: Int) -> Peer {
        guard plan.mutation == .waitForPrimary, let state = peers[peer].shown?.state,
            state.deposed.contains(peers[peer].identity)
        else { return part.source }
        return state.primary
    }

    private func standbyNames(
        _ part: PostgresConfiguration.Standby
    ) -> SimulatedPostgres.Names {
        if plan.mutation == .namelessStandby { return .nobody }
        return index(of: part.successor).map { .peer($0) } ?? .fence
    }

    private func isStreaming(_ peer: Int) -> Bool {
        peers[peer].postgres.receiver.phase == .streaming
    }

    private func agrees(_ peer: Int, with source: Int) -> Bool {
        let (own, theirs) = (peers[peer].postgres.log, peers[source].postgres.log)
        return own.agrees(with: theirs, upTo: min(own.count, theirs.flushed))
    }

    private func canCopy(_ peer: Int, from source: Int) -> Bool {
        peers[source].postgres.isPrimary && canAsk(peer, source)
    }

    private func canAsk(_ peer: Int, _ source: Int) -> Bool {
        peers[source].postgres.isServing && source != peer
            && network.reaches(from: source, to: peer) && network.reaches(from: peer, to: source)
    }

    private mutating func beginCopy(_ peer: Int, from source: Int) {
        guard canCopy(peer, from: source) else {
            return fail(peer, .sourceUnreachable, "the source does not answer")
        }
        note(peer, "copies the database of \(PeerName.of(source))")
        reach(.copy)
        let system = peers[source].postgres.database?.system ?? SystemIdentifier(0)
        var incomplete = SimulatedPostgres.Database(system: system)
        incomplete.isStandby = true
        incomplete.isComplete = false
        let log = peers[source].postgres.log
        incomplete.log.receive(from: log, upTo: log.flushed / 2)
        incomplete.log.flush(upTo: log.count)
        peers[peer].postgres.database = incomplete
        enter(peer, .copying, effort(peer, 800, 6000))
    }

    private mutating func endCopy(_ peer: Int, from source: Int) {
        guard canCopy(peer, from: source), peers[source].postgresPausedUntil <= now else {
            return fail(peer, .sourceUnreachable, "the source went away during the copy")
        }
        let theirs = peers[source].postgres.log
        var copy = SimulatedPostgres.Database(
            system: peers[source].postgres.database?.system ?? SystemIdentifier(0)
        )
        copy.isStandby = true
        copy.log.receive(from: theirs, upTo: theirs.flushed)
        copy.log.flush(upTo: copy.log.count)
        copy.log.replay(upTo: copy.log.count)
        peers[peer].postgres.database = copy
        peers[peer].postgres.receiver.hasDiverged = false
        note(peer, "has a complete copy of \(copy.log.count) records")
        enter(peer, .pursuing, .zero)
    }

    /// Begins to bring a copy that went another way back into line.
    mutating func beginRewind(_ peer: Int) {
        guard case .configure(.standby(let part)) = peers[peer].postgres.operation?.goal,
            let source = index(of: part.source)
        else { return }
        guard canCopy(peer, from: source) else {
            return fail(peer, .sourceUnreachable, "the source does not answer")
        }
        note(peer, "rewinds to where its log left that of \(PeerName.of(source))")
        peers[peer].postgres.database?.isComplete = false
        enter(peer, .rewinding, effort(peer, 300, 2500))
    }

    private mutating func endRewind(_ peer: Int, from source: Int) {
        guard canCopy(peer, from: source), peers[source].postgresPausedUntil <= now,
            !random.chance(250)
        else {
            // What remains is of no use: the next attempt copies.
            return fail(peer, .other, "the rewind failed")
        }
        let theirs = peers[source].postgres.log
        let fork = peers[peer].postgres.log.common(with: theirs, upTo: theirs.flushed)
        peers[peer].postgres.database?.log.truncate(to: fork)
        peers[peer].postgres.database?.consistentAt = theirs.flushed
        peers[peer].postgres.database?.isComplete = true
        peers[peer].postgres.receiver.hasDiverged = false
        note(peer, "is rewound to \(LogCopy.position(fork))")
        enter(peer, .pursuing, .zero)
    }

    // MARK: Acknowledgements

    private mutating func pursueDetachment(
        _ peer: Int,
        _ operation: SimulatedPostgres.Operation
    ) {
        let postgres = peers[peer].postgres
        guard postgres.server == .running, postgres.isInRecovery, !postgres.isPromoting else {
            return fail(peer, .other, "postgres is not a standby")
        }
        guard operation.phase == .detaching else {
            return enter(
                peer,
                .detaching,
                plan.mutation == .sampleBeforeDetach ? .zero : effort(peer, 5, 250)
            )
        }
        if plan.mutation != .sampleBeforeDetach {
            detach(peer)
            // It stays detached if the server dies before it is configured again.
            peers[peer].postgres.receiver.upstream = nil
            // The receiver flushes what it has written before it goes.
            peers[peer].postgres.database?.log.flushAll()
        }
        let log = peers[peer].postgres.log
        sampled(peer, plan.mutation == .sampleReplayed ? log.replayed : log.flushed)
    }

    private mutating func pursueFence(
        _ peer: Int,
        _ replaced: Peer?,
        _ operation: SimulatedPostgres.Operation
    ) {
        guard peers[peer].postgres.isPrimary else {
            return fail(peer, .other, "postgres is not a primary")
        }
        let isPresent = index(of: replaced).map { store.members.contains($0) } ?? false
        guard plan.mutation != .sampleBeforeFence,
            plan.mutation != .noFenceOnEvidence || !isPresent
        else {
            return sampled(peer, peers[peer].postgres.log.flushed)
        }
        if operation.phase == .pursuing {
            setNames(peer, .fence)
            peers[peer].postgres.operation?.phase = .fencing
        }
        if operation.phase == .sampling { return sampled(peer, peers[peer].postgres.log.flushed) }
        let sender = replaced.flatMap { index(of: $0) }.flatMap { peers[peer].postgres.senders[$0] }
        if sender == nil || sender?.names == .fence {
            return enter(peer, .sampling, random.milliseconds(1, 8))
        }
        if now >= operation.deadline {
            return fail(peer, .other, "the old sync's walsender does not read its configuration")
        }
        enter(peer, .fencing, .milliseconds(100))
        peers[peer].postgres.operation?.due = now
    }

    mutating func sampled(_ peer: Int, _ end: Int) {
        guard let operation = peers[peer].postgres.operation else { return }
        peers[peer].postgres.operation = nil
        let sample = peers[peer].postgres.log.sample(at: end)
        note(peer, "its log ends at \(sample)")
        reach(.sample)
        tellSoon(peer, .acknowledgementsStopped(operation.attempt, .success(sample)))
    }
}
