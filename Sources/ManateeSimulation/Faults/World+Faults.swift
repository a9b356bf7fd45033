import ManateeCore

/// Faults: they hit, they end, and after the last of them the shard must heal.
extension World {
    private func resolve(_ target: Fault.Target) -> Int {
        switch target {
        case .primary: index(of: store.value?.state.primary) ?? 0
        case .sync: index(of: store.value?.state.sync) ?? 1
        case .async: index(of: store.value?.state.async.first) ?? 2
        case .peer(let index): min(index, peers.count - 1)
        }
    }

    /// A fault's time has come: it strikes, or lies in wait for its moment.
    mutating func arm(_ index: Int) {
        if plan.faults[index].moment == nil { return strike(index) }
        armed.append(index)
    }

    /// A fragile moment: whoever lies in wait for it strikes, at once or a little later.
    mutating func reach(_ moment: Fault.Moment) {
        guard !armed.isEmpty else { return }
        for index in armed where plan.faults[index].moment == moment {
            add(
                .faultStrikes(index: index),
                after: random.chance(500)
                    ? random.milliseconds(0, 6) : random.milliseconds(0, 400)
            )
        }
        armed.removeAll { plan.faults[$0].moment == moment }
    }

    mutating func strike(_ index: Int) {
        let fault = plan.faults[index]
        guard !isHealing else { return }
        active[index] += 1
        let (peer, other) = (resolve(fault.target), resolve(fault.other))
        hits[index] = (peer, other)
        tally.faults[fault.kind.index] += 1
        note("fault: \(fault.kind.rawValue) \(PeerName.of(peer)) \(PeerName.of(other))")
        apply(fault, peer, other, by: 1)
        add(.faultEnds(index: index), after: fault.span)
    }

    mutating func end(_ index: Int) {
        let (peer, other) = hits[index]
        guard active[index] > 0 else { return }
        active[index] -= 1
        let fault = plan.faults[index]
        note("fault ends: \(fault.kind.rawValue) \(PeerName.of(peer))")
        release(fault, peer, other)
    }

    private mutating func apply(_ fault: Fault, _ peer: Int, _ other: Int, by change: Int) {
        switch fault.kind {
        case .killPostgres: crashPostgres(peer, losingUnflushed: false)
        case .killSitter:
            hold(peer)
            killSitter(peer)
            if !plan.postgresSurvivesSitter { crashPostgres(peer, losingUnflushed: false) }
        case .kill, .powerLoss:
            hold(peer)
            if fault.kind == .powerLoss { peers[peer].withoutPower += 1 }
            killSitter(peer)
            crashPostgres(peer, losingUnflushed: fault.kind == .powerLoss)
        case .stop: stopInOrder(peer)
        case .pauseSitter:
            pauseSitter(peer, fault.span)
            leaveUnattended(peer)
        case .pausePostgres: pausePostgres(peer, fault.span)
        case .pause:
            pauseSitter(peer, fault.span)
            pausePostgres(peer, fault.span)
        case .cutStore:
            network.cutStore(peer, by: 1)
            stallStoreLink(peer)
        case .storeOutage:
            store.outages += 1
            for peer in peers.indices { stallStoreLink(peer) }
        case .expireSession:
            if let session = peers[peer].link.session { expire(session) }
        case .isolate:
            cutOff(peer, by: 1)
            network.cutClients(peer, by: 1)
        case .cutOff: cutOff(peer, by: 1)
        case .cut:
            network.cut(from: peer, to: other, by: 1)
            network.cut(from: other, to: peer, by: 1)
        case .cutOneWay: network.cut(from: peer, to: other, by: 1)
        case .slowLink: network.slow(from: peer, to: other, by: 1)
        case .cutClients: network.cutClients(peer, by: 1)
        case .reject:
            network.reject(from: peer, to: other, by: 1)
            network.reject(from: other, to: peer, by: 1)
            breakStreams(between: peer, other)
        case .loseRequests, .slowRequests, .loseReplies, .slowWatches, .slowMemory, .failMemory,
            .failPostgres, .slowPostgres, .pauseReplay, .loseBeats, .jitter, .lie:
            peers[peer].windows.open(fault.kind)
        case .fillDisk:
            peers[peer].windows.open(fault.kind)
            lookAtRoomSoon(peer)
        case .jumpClock: peers[peer].clock.jump(by: fault.span, at: now)
        case .cancelWaits: cancelWaits(peer)
        case .lateNames: lateNames += 1
        case .freeze: freeze(true)
        case .requestSync, .requestAsync, .requestNonsense: request(fault, peer)
        case .setAlone: setAlone()
        case .wipeStore, .restoreStore: rewindStore(toNothing: fault.kind == .wipeStore)
        case .loseDisk: loseDisk(peer)
        }
    }

    private mutating func release(_ fault: Fault, _ peer: Int, _ other: Int) {
        switch fault.kind {
        case .killPostgres, .pauseSitter, .pausePostgres, .pause, .expireSession, .jumpClock,
            .cancelWaits, .wipeStore, .restoreStore, .requestSync, .requestAsync, .requestNonsense,
            .setAlone:
            break
        case .killSitter, .kill, .powerLoss, .stop, .loseDisk:
            if fault.kind == .powerLoss { peers[peer].withoutPower -= 1 }
            peers[peer].heldDown -= 1
            add(.sitterStarts(peer: peer), after: random.milliseconds(1, 50))
        case .cutStore: network.cutStore(peer, by: -1)
        case .storeOutage:
            store.outages -= 1
            if store.outages == 0 { endOutage() }
        case .isolate:
            cutOff(peer, by: -1)
            network.cutClients(peer, by: -1)
        case .cutOff: cutOff(peer, by: -1)
        case .cut:
            network.cut(from: peer, to: other, by: -1)
            network.cut(from: other, to: peer, by: -1)
        case .cutOneWay: network.cut(from: peer, to: other, by: -1)
        case .slowLink: network.slow(from: peer, to: other, by: -1)
        case .cutClients: network.cutClients(peer, by: -1)
        case .reject:
            network.reject(from: peer, to: other, by: -1)
            network.reject(from: other, to: peer, by: -1)
        case .loseRequests, .slowRequests, .loseReplies, .slowWatches, .slowMemory, .failMemory,
            .failPostgres, .slowPostgres, .pauseReplay, .loseBeats, .jitter, .lie:
            peers[peer].windows.close(fault.kind)
            if fault.kind == .failPostgres || fault.kind == .slowPostgres {
                peers[peer].hinderedUntil = now
            }
        case .fillDisk:
            peers[peer].windows.close(fault.kind)
            lookAtRoomSoon(peer)
        case .lateNames: lateNames -= 1
        case .freeze: freeze(false)
        }
    }

    // MARK: Single faults

    private mutating func hold(_ peer: Int) { peers[peer].heldDown += 1 }

    /// Postgres stops before the session ends, so that whoever takes over has everything.
    private mutating func stopInOrder(_ peer: Int) {
        hold(peer)
        guard peers[peer].isUp else { return }
        note(peer, "is stopped in order")
        leave(peer)
    }

    /// Ends postgres and then the session, as a sitter does that ends in order.
    mutating func leave(_ peer: Int) {
        let session = peers[peer].link.session
        killSitter(peer)
        stopServer(peer)
        guard let session,
            let index = store.sessions.firstIndex(where: { $0.id == session })
        else { return }
        store.sessions[index].heard = now + .milliseconds(300) - plan.sessionTimeout
        add(.sessionExpires(session: session), after: .milliseconds(300))
    }

    private mutating func pauseSitter(_ peer: Int, _ span: SimulatedTime) {
        guard peers[peer].isUp else { return }
        peers[peer].sitterPausedUntil = max(peers[peer].sitterPausedUntil, now + span)
        silenceStoreLink(peer)
        // It finds its connection broken if the servers gave it up meanwhile.
        if span.microseconds > plan.sessionTimeout.microseconds * 2 / 3 {
            add(
                .storeBreaks(peer: peer, connection: peers[peer].link.connection),
                after: span
            )
        }
    }

    private mutating func pausePostgres(_ peer: Int, _ span: SimulatedTime) {
        peers[peer].postgresPausedUntil = max(peers[peer].postgresPausedUntil, now + span)
        guard span > World.healthLimit, peers[peer].postgres.server == .running else { return }
        let process = peers[peer].process
        add(
            .sitterHears(peer: peer, process: process, .postgresHung("no answer")),
            after: World.healthLimit
        )
        add(.sitterHears(peer: peer, process: process, .postgresAnswers), after: span)
    }

    /// How long a sitter waits for an answer of its postgres.
    private static let healthLimit = SimulatedTime.seconds(5)

    private mutating func cutOff(_ peer: Int, by change: Int) {
        for other in peers.indices {
            network.cut(from: peer, to: other, by: change)
            network.cut(from: other, to: peer, by: change)
        }
        network.cutStore(peer, by: change)
        if change > 0 { stallStoreLink(peer) }
    }

    /// Stock PostgreSQL answers a cancelled wait with a success and a warning, and readers see it.
    private mutating func cancelWaits(_ peer: Int) {
        guard peers[peer].postgres.isPrimary else { return }
        for index in peers[peer].postgres.waiters.indices {
            let waiter = peers[peer].postgres.waiters[index]
            guard !waiter.isCancelled else { continue }
            if plan.mutation == .trustCancelled {
                acknowledge(peer, waiter)
            } else {
                truth.cancelled(waiter.commit)
                answer(waiter.commit, .cancelled)
            }
            peers[peer].postgres.waiters[index].isCancelled = true
            peers[peer].postgres.visible = max(peers[peer].postgres.visible, waiter.position)
        }
    }

    /// An operator's order, written as any tool would.
    private mutating func freeze(_ isFrozen: Bool) {
        isFrozenByOperator += isFrozen ? 1 : -1
        let order: Freeze? =
            isFrozenByOperator > 0
            ? .explained(["reason": .string("maintenance"), "by": .string("operator")]) : nil
        note("store: an operator \(isFrozen ? "freezes" : "unfreezes") the shard")
        writeAsOperator { $0.freeze = order }
    }

    /// A tool of a later version leaves a field that the peers do not know.
    mutating func annotate() {
        guard store.value != nil else { return add(.operatorAnnotates, after: .milliseconds(700)) }
        note("store: an operator leaves a note")
        writeAsOperator { $0.unknownFields["note"] = .string("keep me") }
    }

    mutating func writeAsOperator(_ change: (inout ClusterState) -> Void) {
        guard var value = store.value else { return }
        store.earlier.append(value)
        change(&value.state)
        value.version = StateVersion(value.version.number + 1)
        store.value = value
        fireStateWatches()
    }

    private mutating func rewindStore(toNothing: Bool) {
        // Also to what one peer takes for the newest: it leads the store into another history then, in
        // which the others must have no part.
        let newest = peers.compactMap { $0.memory.adopted?.version.number }.max()
        guard store.value != nil, let newest else { return }
        let choices = store.earlier.filter { $0.version.number < newest }
        store.value =
            toNothing || choices.isEmpty ? nil : choices[random.below(choices.count)]
        truth.storeWentBack = true
        store.earlier = []
        let left = store.value
        note("store: has gone back to \(Words.of(left))")
        for session in store.sessions { expire(session.id) }
        fireStateWatches()
    }

    private mutating func loseDisk(_ peer: Int) {
        hold(peer)
        killSitter(peer)
        crashPostgres(peer, losingUnflushed: true)
        peers[peer].postgres.database = nil
        peers[peer].memory = PeerMemory()
        truth.remembered[peer] = nil
        truth.reign[peer] = nil
        truth.diskWasLost = true
    }

    // MARK: Healing

    mutating func beginHealing() {
        note("all faults end")
        armed = []
        for index in plan.faults.indices {
            for _ in 0..<active[index] {
                release(plan.faults[index], hits[index].0, hits[index].1)
            }
            active[index] = 0
        }
        isHealing = true
        // Who wants a shard to come to rest asks for nothing more.
        if store.value?.state.promote != nil { writeAsOperator { $0.promote = nil } }
        for peer in peers.indices {
            peers[peer].sitterPausedUntil = min(peers[peer].sitterPausedUntil, now)
            peers[peer].postgresPausedUntil = min(peers[peer].postgresPausedUntil, now)
            add(.sitterStarts(peer: peer), after: .milliseconds(50))
        }
        add(.healingMustBeDone, after: Plan.healingBound)
    }
}
