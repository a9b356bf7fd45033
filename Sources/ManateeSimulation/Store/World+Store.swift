import ManateeCore

/// The store and the way to it, as the port `CoordinationStore` promises them: requests and replies
/// of one connection keep their order, a read is behind all that was sent before, a lost reply is
/// told as unknown, and after a connection was lost a new one begins with a complete fresh view.
extension World {
    private func hearsStore(_ peer: Int) -> Bool {
        store.outages == 0 && network.reachesStore(peer)
    }

    // MARK: Connections and sessions

    mutating func connectStore(_ peer: Int, _ process: Int) {
        guard peers[peer].process == process, peers[peer].isUp,
            !peers[peer].link.isConnected
        else { return }
        guard hearsStore(peer) else {
            add(
                .storeConnects(peer: peer, process: process),
                after: random.milliseconds(100, 700)
            )
            return
        }
        peers[peer].link.connection += 1
        peers[peer].link.isConnected = true
        peers[peer].link.isStateWatchFired = false
        peers[peer].link.isMembersWatchFired = false
        if let index = store.sessions.firstIndex(where: { $0.id == peers[peer].link.session }) {
            store.sessions[index].heard = now
            renewEntry(peer)
        } else {
            let session = store.nextSession
            store.nextSession += 1
            let isShort = peers[peer].link.saysShort
            store.sessions.append(
                SimulatedStore.Session(id: session, peer: peer, heard: now, isShort: isShort)
            )
            peers[peer].link.session = session
            if !isShort { truth.present(peer) }
            fireMembersWatches()
        }
        let session = peers[peer].link.session ?? 0
        note(peer, "session \(session) is connected")
        peers[peer].link.members = store.members
        reply(peer, .storeConnected(StoreView(state: store.value, activePeers: members())))
        let waiting = peers[peer].link.waitingReads
        peers[peer].link.waitingReads = []
        for attempt in waiting { sendRead(peer, attempt) }
    }

    private func members() -> [Peer] { store.members.map { peers[$0].identity } }

    /// The client notices that its connection is lost.
    mutating func breakStoreLink(_ peer: Int, _ connection: Int) {
        guard peers[peer].link.connection == connection, peers[peer].link.isConnected else {
            return
        }
        silenceStoreLink(peer)
        peers[peer].link.isConnected = false
        peers[peer].link.connection += 1
        if plan.mutation == .stopWithoutStore { stopForWantOfStore(peer) }
        let lost = EffectFailure("the connection to the store was lost before it answered")
        let (writes, reads) = (peers[peer].link.writes, peers[peer].link.reads)
        peers[peer].link.writes = []
        peers[peer].link.reads = []
        add(
            .storeConnects(peer: peer, process: peers[peer].process),
            after: random.milliseconds(20, 500)
        )
        for attempt in writes { tell(peer, .stateWritten(attempt, .unknown(lost))) }
        for attempt in reads { tell(peer, .stateRead(attempt, .failure(lost))) }
        tell(peer, .storeDisconnected)
    }

    /// The server hears nothing of the peer from now on: its session may expire.
    mutating func silenceStoreLink(_ peer: Int) {
        guard let session = peers[peer].link.session,
            let index = store.sessions.firstIndex(where: { $0.id == session })
        else { return }
        if peers[peer].link.isConnected { store.sessions[index].heard = now }
        add(.sessionExpires(session: session), after: plan.sessionTimeout)
    }

    /// A connection of which neither side hears anything: both will notice.
    mutating func stallStoreLink(_ peer: Int) {
        guard peers[peer].link.isConnected else { return }
        silenceStoreLink(peer)
        let patience = SimulatedTime(microseconds: plan.sessionTimeout.microseconds * 2 / 3)
        add(
            .storeBreaks(peer: peer, connection: peers[peer].link.connection),
            after: random.between(.milliseconds(5)...patience)
        )
    }

    mutating func sessionMayExpire(_ id: Int) {
        guard let index = store.sessions.firstIndex(where: { $0.id == id }) else { return }
        let session = store.sessions[index]
        let link = peers[session.peer].link
        // While nobody reaches the servers they count no time: see `endOutage`.
        guard store.outages == 0 else { return }
        if link.session == id, link.isConnected, hearsStore(session.peer),
            peers[session.peer].sitterPausedUntil <= now
        {
            return
        }
        let due = session.heard + plan.sessionTimeout
        guard due <= now else {
            add(.sessionExpires(session: id), at: due)
            return
        }
        expire(session.id)
    }

    mutating func expire(_ id: Int) {
        guard let index = store.sessions.firstIndex(where: { $0.id == id }) else { return }
        let peer = store.sessions.remove(at: index).peer
        note("store: session \(id) of \(PeerName.of(peer)) has expired")
        if !store.members.contains(peer) {
            truth.absent(peer, at: now)
            reach(.absence)
        }
        if peers[peer].link.session == id {
            add(
                .storeBreaks(peer: peer, connection: peers[peer].link.connection),
                after: random.milliseconds(1, 300)
            )
        }
        fireMembersWatches()
    }

    // MARK: Room

    /// The sitter looks at the room of its data within about a second.
    mutating func lookAtRoomSoon(_ peer: Int) {
        add(
            .roomIsLookedAt(peer: peer, process: peers[peer].process),
            after: random.milliseconds(5, 1100)
        )
    }

    /// What the sitter sees of the room is what its entry says as soon as the store can be told.
    mutating func lookAtRoom(_ peer: Int, _ process: Int) {
        guard peers[peer].process == process, peers[peer].isUp else { return }
        peers[peer].link.saysShort = isOpen(.fillDisk, peer) && plan.mutation != .countShort
        if peers[peer].link.isConnected, hearsStore(peer) { renewEntry(peer) }
    }

    /// Replaces the entry by one, the last in the order, that says what is true now.
    private mutating func renewEntry(_ peer: Int) {
        let isShort = peers[peer].link.saysShort
        guard let index = store.sessions.firstIndex(where: { $0.id == peers[peer].link.session }),
            store.sessions[index].isShort != isShort
        else { return }
        var session = store.sessions.remove(at: index)
        session.isShort = isShort
        store.sessions.append(session)
        note(peer, isShort ? "says that it lacks room" : "says that it has room")
        if isShort {
            truth.absent(peer, at: now)
            reach(.absence)
        } else {
            truth.present(peer)
        }
        fireMembersWatches()
    }

    /// Every session gets its whole timeout again when the servers are back.
    mutating func endOutage() {
        for index in store.sessions.indices {
            store.sessions[index].heard = now
            add(.sessionExpires(session: store.sessions[index].id), after: plan.sessionTimeout)
        }
    }

    // MARK: Watches

    mutating func fireStateWatches() {
        for peer in peers.indices where peers[peer].link.isConnected {
            guard !peers[peer].link.isStateWatchFired else { continue }
            peers[peer].link.isStateWatchFired = true
            add(
                .watchFires(peer: peer, connection: peers[peer].link.connection, isState: true),
                after: watchDelay(peer)
            )
        }
    }

    private mutating func fireMembersWatches() {
        for peer in peers.indices where peers[peer].link.isConnected {
            guard !peers[peer].link.isMembersWatchFired else { continue }
            peers[peer].link.isMembersWatchFired = true
            add(
                .watchFires(peer: peer, connection: peers[peer].link.connection, isState: false),
                after: watchDelay(peer)
            )
        }
    }

    private mutating func watchDelay(_ peer: Int) -> SimulatedTime {
        isOpen(.slowWatches, peer) ? random.milliseconds(200, 3000) : random.milliseconds(1, 10)
    }

    /// Whoever is told that something changed reads what is newest by then.
    mutating func watchFires(_ peer: Int, _ connection: Int, isState: Bool) {
        guard peers[peer].link.connection == connection, peers[peer].link.isConnected else {
            return
        }
        guard hearsStore(peer) else {
            stallStoreLink(peer)
            return
        }
        if isState {
            peers[peer].link.isStateWatchFired = false
            reply(peer, .clusterStateChanged(store.value))
        } else {
            peers[peer].link.isMembersWatchFired = false
            guard store.members != peers[peer].link.members else { return }
            peers[peer].link.members = store.members
            reply(peer, .activePeersChanged(members()))
        }
    }

    // MARK: Requests

    private mutating func requestTime(_ peer: Int) -> SimulatedTime {
        let time = max(now + random.milliseconds(1, 12), peers[peer].link.lastRequest)
        peers[peer].link.lastRequest = time
        return time
    }

    private mutating func reply(_ peer: Int, _ event: PeerEvent) {
        let time = max(now + random.milliseconds(1, 8), peers[peer].link.lastReply)
        peers[peer].link.lastReply = time
        add(
            .storeTells(peer: peer, connection: peers[peer].link.connection, event),
            at: time
        )
    }

    mutating func storeTells(_ peer: Int, _ connection: Int, _ event: PeerEvent) {
        guard peers[peer].link.connection == connection, peers[peer].link.isConnected else {
            return
        }
        guard hearsStore(peer) else {
            stallStoreLink(peer)
            return
        }
        switch event {
        case .stateWritten(let attempt, _): peers[peer].link.writes.removeAll { $0 == attempt }
        case .stateRead(let attempt, _): peers[peer].link.reads.removeAll { $0 == attempt }
        case .started, .storeConnected, .storeDisconnected, .clusterStateChanged,
            .clusterStateUnreadable, .activePeersChanged, .remembered, .acknowledgementsStopped,
            .postgresConfigured, .postgresLost, .postgresHung, .postgresRestarting,
            .postgresAnswers, .detectionChanged, .observed, .writesOpened, .syncHeard, .gateOrdered,
            .timerFired,
            .handoverPrepared:
            break
        }
        tell(peer, event)
    }

    mutating func write(_ peer: Int, _ write: StateWrite) {
        guard peers[peer].link.isConnected else {
            tellSoon(
                peer,
                .stateWritten(write.attempt, .failed(EffectFailure("the store is out of reach")))
            )
            return
        }
        peers[peer].link.writes.append(write.attempt)
        if plan.mutation == .earlyNames { nameEarly(peer, write.state) }
        let late = isOpen(.slowRequests, peer) ? random.milliseconds(0, 1500) : .zero
        peers[peer].link.lastRequest = max(peers[peer].link.lastRequest, now + late)
        add(
            .writeArrives(
                peer: peer,
                connection: peers[peer].link.connection,
                session: peers[peer].link.session ?? 0,
                write
            ),
            at: requestTime(peer)
        )
        reach(.proposal)
    }

    mutating func writeArrives(
        _ peer: Int,
        _ connection: Int,
        _ session: Int,
        _ write: StateWrite
    ) {
        // A request of a connection that its session replaced meanwhile is not accepted any more;
        // one of a process that died meanwhile is, as long as its session lives.
        let link = peers[peer].link
        let isCurrent = link.connection == connection
        let isReplaced = link.session == session && link.isConnected && !isCurrent
        guard !isReplaced else { return }
        guard hearsStore(peer), store.isAlive(session),
            !(isOpen(.loseRequests, peer) && random.chance(500))
        else {
            note(peer, "its write is lost")
            if isCurrent { stallStoreLink(peer) }
            return
        }
        let outcome = apply(peer, write)
        guard isCurrent else { return }
        guard !(isOpen(.loseReplies, peer) && random.chance(600)) else {
            note(peer, "the reply to its write is lost")
            breakSoon(peer)
            return
        }
        reply(peer, .stateWritten(write.attempt, outcome))
    }

    private mutating func breakSoon(_ peer: Int) {
        add(
            .storeBreaks(peer: peer, connection: peers[peer].link.connection),
            after: .zero
        )
    }

    private mutating func apply(_ peer: Int, _ write: StateWrite) -> WriteOutcome {
        let isStale = store.value?.version != write.expected
        guard !isStale || plan.mutation == .unconditionalWrite else {
            note("store: conflict for \(PeerName.of(peer))")
            return .conflict
        }
        let written = mutatedWrite(write.state, by: peer)
        let version = StateVersion((store.value?.version.number ?? -1) + 1)
        checkWrite(peer, written, isStale: isStale)
        if let value = store.value {
            store.earlier.append(value)
            truth.declared(written, after: value.state)
        }
        store.value = VersionedState(written, version: version)
        store.historyCount += 1
        note("store: version \(version) by \(PeerName.of(peer)): \(Words.of(written))")
        if written.generation > truth.lastDeclared { reach(.declaration) }
        if let handover = written.standingHandover {
            reach(handover.final == nil ? .announcement : .finalPosition)
        }
        truth.lastDeclared = written.generation
        fireStateWatches()
        return .written(version)
    }

    mutating func read(_ peer: Int, _ attempt: Attempt) {
        guard peers[peer].link.isConnected else {
            peers[peer].link.waitingReads.append(attempt)
            add(
                .readGivesUp(peer: peer, process: peers[peer].process, attempt),
                after: .seconds(4)
            )
            return
        }
        sendRead(peer, attempt)
    }

    private mutating func sendRead(_ peer: Int, _ attempt: Attempt) {
        peers[peer].link.reads.append(attempt)
        add(
            .readArrives(peer: peer, connection: peers[peer].link.connection, attempt),
            at: requestTime(peer)
        )
    }

    mutating func readArrives(_ peer: Int, _ connection: Int, _ attempt: Attempt) {
        guard peers[peer].link.connection == connection else { return }
        guard hearsStore(peer), store.isAlive(peers[peer].link.session),
            !(isOpen(.loseRequests, peer) && random.chance(300))
        else {
            stallStoreLink(peer)
            return
        }
        reply(peer, .stateRead(attempt, .success(store.value)))
    }

    mutating func readGivesUp(_ peer: Int, _ process: Int, _ attempt: Attempt) {
        guard peers[peer].process == process,
            let index = peers[peer].link.waitingReads.firstIndex(of: attempt)
        else { return }
        peers[peer].link.waitingReads.remove(at: index)
        tell(peer, .stateRead(attempt, .failure(EffectFailure("the store did not answer"))))
    }
}
