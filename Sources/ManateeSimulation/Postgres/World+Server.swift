import ManateeCore

/// The server process: it starts, stops, dies, is promoted, and admits clients.
extension World {
    mutating func newRecord(timeline: UInt32, commit: UInt32 = 0) -> LogRecord {
        defer { nextRecord += 1 }
        return LogRecord(identity: nextRecord, timeline: timeline, commit: commit)
    }

    /// Appends a record to a primary's own log.
    mutating func append(_ peer: Int, commit: UInt32 = 0) {
        let record = newRecord(timeline: peers[peer].postgres.log.timeline, commit: commit)
        peers[peer].postgres.database?.log.append(record)
    }

    mutating func startServer(_ peer: Int) {
        note(peer, "postgres starts")
        peers[peer].postgres.process += 1
        peers[peer].postgres.server = .starting
        add(
            .serverStarted(peer: peer, process: peers[peer].postgres.process),
            after: effort(peer, 50, 800)
        )
    }

    mutating func serverStarted(_ peer: Int, _ process: Int) {
        guard peers[peer].postgres.process == process,
            peers[peer].postgres.server == .starting,
            let database = peers[peer].postgres.database
        else { return }
        if isOpen(.failPostgres, peer) {
            peers[peer].postgres.server = .stopped
            return fail(peer, .other, "postgres ended while it started")
        }
        peers[peer].postgres.server = .running
        peers[peer].postgres.isPromoting = false
        peers[peer].postgres.isInRecovery = database.isStandby
        peers[peer].postgres.isReplaying = false
        peers[peer].postgres.hasStandingSessions = false
        // Recovery reads all that was written, and flushes it.
        peers[peer].postgres.database?.log.flush(upTo: database.log.count)
        note(peer, "postgres runs as \(database.isStandby ? "standby" : "primary")")
        if database.isStandby {
            reconnect(peer)
        } else {
            beginPrimary(peer, recordsToWrite: random.chance(700) ? 1 : 0)
            reach(.start)
        }
        pursue(peer)
    }

    /// What was waiting for the sync when the server died is visible from now on to whoever is
    /// admitted.
    private mutating func beginPrimary(_ peer: Int, recordsToWrite: Int) {
        for _ in 0..<recordsToWrite { append(peer) }
        let end = peers[peer].postgres.log.count
        peers[peer].postgres.database?.log.flush(upTo: end)
        peers[peer].postgres.database?.log.replay(upTo: end)
        peers[peer].postgres.released = end
        peers[peer].postgres.visible = end
        peers[peer].postgres.gateNeeds = end
        peers[peer].postgres.isGateOpen =
            plan.mutation == .openGate && !peers[peer].postgres.isGateHeld
        peers[peer].postgres.owesWritesOpened = true
        // A shard that is set up anew on a store that lost everything serves nobody before its gate.
        if !truth.storeWentBack { checkNewPrimary(peer) }
        watchGate(peer)
        sendToAll(peer)
    }

    mutating func promote(_ peer: Int) {
        guard !peers[peer].postgres.isPromoting else { return }
        note(peer, "postgres is being promoted")
        peers[peer].postgres.isPromoting = true
        add(
            .promotionEnds(peer: peer, process: peers[peer].postgres.process),
            after: effort(peer, 20, 400)
        )
    }

    mutating func promotionEnds(_ peer: Int, _ process: Int) {
        guard peers[peer].postgres.process == process, peers[peer].postgres.server == .running,
            peers[peer].postgres.isPromoting
        else { return }
        detach(peer)
        let own = peers[peer].postgres.log.timeline
        let timeline = max(own + 1, peers[peer].postgres.wantedTimeline ?? own + 1)
        checkTimeline(peer, timeline)
        peers[peer].postgres.isPromoting = false
        peers[peer].postgres.isInRecovery = false
        peers[peer].postgres.hasStandingSessions = !peers[peer].postgres.isGateHeld
        let record = newRecord(timeline: timeline)
        peers[peer].postgres.database?.log.append(record)
        peers[peer].postgres.database?.isStandby = false
        note(peer, "postgres is promoted to timeline \(timeline)")
        beginPrimary(peer, recordsToWrite: 0)
        reach(.promotion)
        // The sitter takes a moment to see it and to name the sync: until then the preset name counts.
        resume(peer)
    }

    /// Stops the server in order: what was written is shipped, what waits is broken off.
    mutating func stopServer(_ peer: Int, thenReconcile: Bool = false) {
        switch peers[peer].postgres.server {
        case .stopped:
            if thenReconcile { beginRewind(peer) }
            return
        case .stopping: return
        case .starting, .running: break
        }
        note(peer, "postgres stops")
        peers[peer].postgres.mustReconcile = thenReconcile
        breakOffWaiters(peer)
        if peers[peer].postgres.isPrimary {
            append(peer)
            peers[peer].postgres.database?.log.flushAll()
            sendToAll(peer)
        }
        peers[peer].postgres.isGateOpen = false
        peers[peer].postgres.server = .stopping
        add(
            .serverStopped(peer: peer, process: peers[peer].postgres.process),
            after: effort(peer, 10, 200)
        )
    }

    mutating func serverStopped(_ peer: Int, _ process: Int) {
        guard peers[peer].postgres.process == process, peers[peer].postgres.server == .stopping
        else { return }
        guard !isShipping(peer) else {
            return add(.serverStopped(peer: peer, process: process), after: .milliseconds(15))
        }
        let diverged =
            peers[peer].postgres.receiver.hasDiverged || peers[peer].postgres.mustReconcile
        peers[peer].postgres.mustReconcile = false
        endServer(peer, noticed: .milliseconds(1)...(.milliseconds(30)))
        if diverged, peers[peer].postgres.database?.isStandby == true {
            beginRewind(peer)
        }
        pursue(peer)
    }

    /// The server dies; its sitter sees it if it lives.
    mutating func crashPostgres(_ peer: Int, losingUnflushed: Bool) {
        guard peers[peer].postgres.server != .stopped else { return }
        note(peer, "postgres dies")
        breakOffWaiters(peer)
        endServer(
            peer,
            noticed: losingUnflushed
                ? .milliseconds(1000)...(.milliseconds(6000))
                : .milliseconds(1)...(.milliseconds(40))
        )
        if losingUnflushed {
            let flushed = peers[peer].postgres.log.flushed
            peers[peer].postgres.database?.log.truncate(to: flushed)
        }
        if let operation = peers[peer].postgres.operation {
            switch operation.phase {
            case .copying, .rewinding, .creating: break
            case .pursuing, .detaching, .fencing, .sampling, .ending:
                fail(peer, .other, "postgres ended")
            }
        }
        tellSoon(peer, .postgresLost("the server ended"))
    }

    private mutating func endServer(_ peer: Int, noticed: ClosedRange<SimulatedTime>) {
        peers[peer].postgres.server = .stopped
        peers[peer].postgres.process += 1
        peers[peer].postgres.isGateOpen = false
        peers[peer].postgres.isPromoting = false
        peers[peer].postgres.hasStandingSessions = false
        let receiver = peers[peer].postgres.receiver
        if receiver.phase == .streaming, let upstream = receiver.upstream {
            add(
                .senderNoticesLoss(
                    peer: upstream,
                    standby: peer,
                    connection: receiver.connection
                ),
                after: random.between(noticed)
            )
        }
        peers[peer].postgres.receiver.phase = .detached
        peers[peer].postgres.receiver.connection += 1
        for standby in peers.indices where peers[peer].postgres.senders[standby] != nil {
            peers[peer].postgres.senders[standby] = nil
            add(
                .receiverNoticesLoss(
                    peer: standby,
                    connection: peers[standby].postgres.receiver.connection
                ),
                after: random.between(noticed)
            )
        }
    }

    mutating func breakOffWaiters(_ peer: Int) {
        for waiter in peers[peer].postgres.waiters where !waiter.isCancelled {
            answer(waiter.commit, .broken)
        }
        peers[peer].postgres.waiters = []
    }

    // MARK: Names

    mutating func setNames(_ peer: Int, _ names: SimulatedPostgres.Names) {
        guard peers[peer].postgres.names != names else { return }
        peers[peer].postgres.names = names
        note(peer, "names \(Words.of(names))")
        for standby in peers.indices {
            guard let sender = peers[peer].postgres.senders[standby] else { continue }
            let latest = lateNames > 0 ? SimulatedTime.seconds(4) : plan.latestNames
            add(
                .senderReadsNames(
                    peer: peer,
                    standby: standby,
                    connection: sender.connection
                ),
                after: random.between(.milliseconds(1)...latest)
            )
        }
        if peers[peer].postgres.isPrimary, names == .nobody {
            release(peer, upTo: peers[peer].postgres.log.flushed)
        }
    }

    mutating func senderReadsNames(_ peer: Int, _ standby: Int, _ connection: Int) {
        guard let sender = peers[peer].postgres.senders[standby], sender.connection == connection
        else { return }
        let names = peers[peer].postgres.names
        peers[peer].postgres.senders[standby]?.names = names
        if names == .peer(standby) { release(peer, upTo: sender.confirmed) }
        checkAcknowledgers()
        pursue(peer)
    }

    // MARK: Commits

    mutating func primaryFlushes(_ peer: Int, _ process: Int, _ end: Int) {
        guard peers[peer].postgres.process == process else { return }
        peers[peer].postgres.database?.log.flush(upTo: end)
        if peers[peer].postgres.names == .nobody { release(peer, upTo: end) }
        sendToAll(peer)
    }

    /// Acknowledges the commits up to `end`: they are flushed where the names demand it.
    mutating func release(_ peer: Int, upTo end: Int) {
        guard peers[peer].postgres.isPrimary else { return }
        let released = max(
            peers[peer].postgres.released,
            min(end, peers[peer].postgres.log.flushed)
        )
        peers[peer].postgres.released = released
        peers[peer].postgres.visible = max(peers[peer].postgres.visible, released)
        while let waiter = peers[peer].postgres.waiters.first, waiter.position <= released {
            peers[peer].postgres.waiters.removeFirst()
            guard !waiter.isCancelled else { continue }
            acknowledge(peer, waiter)
        }
    }

    /// Admits clients, and tells the sitter, once the sync has all that the primary had.
    mutating func watchGate(_ peer: Int) {
        let postgres = peers[peer].postgres
        guard postgres.isPrimary, !postgres.isGateHeld,
            postgres.owesWritesOpened || !postgres.isGateOpen
        else { return }
        if let sync = postgres.sync {
            guard let sender = postgres.senders[sync], sender.confirmed >= postgres.gateNeeds
            else { return }
        } else if postgres.generation == nil {
            return
        }
        if !postgres.isGateOpen {
            note(peer, "admits clients")
            peers[peer].postgres.isGateOpen = true
            checkNewPrimary(peer)
            reach(.opening)
        }
        guard postgres.owesWritesOpened, let generation = postgres.generation else { return }
        peers[peer].postgres.owesWritesOpened = false
        if postgres.sync != nil { noteSyncHeard(peer) }
        tellSoon(peer, .writesOpened(generation))
    }
}
