/// What is seen of the other peers without the store, and what this peer says of itself (rules R100 to
/// R109).
extension PeerMachine {
    /// The wait for the next look at the evidence.
    struct Look: Hashable {
        static let shortest = Duration.milliseconds(10)

        var timer: PeerTimer
        var due: Instant
    }

    /// What befell the own postgres since it was as asked.
    enum Mishap: Hashable {
        case none
        /// It ended, or cannot follow.
        case lost(String)
        /// It runs, but does not answer.
        case hung(String)
        /// It restarts itself.
        case restarting(String)
    }

    // MARK: Seeing

    mutating func observed(_ seen: Observation, of peer: PeerID) {
        guard watched.contains(where: { $0.id == peer }) else { return }
        evidence.note(seen, of: peer, at: moment.instant)
    }

    /// Whether `event` is a beat that says what is known, and time alone has changed nothing: what
    /// the last event led to stands.
    mutating func isBeatWithoutNews(_ event: PeerEvent) -> Bool {
        guard case .observed(let peer, .beat(let word)) = event,
            let quietUntil, quietUntil > moment.instant,
            let look, look.due > moment.instant
        else { return false }
        return evidence.renew(word, of: peer, at: moment.instant)
    }

    /// What was seen and heard stays; only how long it is waited changes.
    mutating func detectionChanged(_ detection: FailureDetection) {
        configuration.detection = detection
        evidence.adopt(detection)
    }

    /// A timer that is long overdue tells that this peer stood still itself.
    mutating func excuseOwnStandstill() {
        guard let look,
            look.due.duration(to: moment.instant) > configuration.detection.standstill
        else { return }
        evidence.excuse(until: moment.instant)
    }

    mutating func lookTimerFired(_ timer: PeerTimer) {
        if look?.timer == timer { look = nil }
    }

    /// Watches whoever stands for election or has a place in the state.
    mutating func watchPeers() {
        guard isWatchOutdated else { return }
        isWatchOutdated = false
        let placed = followed.map { $0.state.chain + $0.state.deposed } ?? []
        var peers: [Peer] = []
        for peer in activePeers + placed
        where peer != configuration.peer && peer.heartbeatPort != nil && !peers.contains(peer) {
            peers.append(peer)
        }
        peers.sort { $0.id < $1.id }
        guard peers.map(\.heartbeatAddress) != watched.map(\.heartbeatAddress) else { return }
        watched = peers
        evidence.keep(peers)
        actions.append(.watch(peers))
    }

    /// Sees to it that the mere passing of time is noticed.
    mutating func lookAgain(at next: Instant) {
        guard !evidence.isEmpty else { return look = nil }
        let now = moment.instant
        // Timers and clocks may disagree by a little: a wait for next to nothing would be repeated.
        let due = max(next, now.advanced(by: Look.shortest))
        if let look, look.due > now, look.due <= due { return }
        look = Look(timer: startTimer(.look, now.duration(to: due)), due: due)
    }

    /// When time alone may next change what follows from the evidence, or its standstill is looked for.
    var nextLook: Instant {
        let now = moment.instant
        let limits = configuration.detection
        var next = now.advanced(by: limits.standstill)
        for limit in [limits.calm, limits.patience] {
            let settled = generationSince.advanced(by: limit)
            if settled > now { next = min(next, settled) }
        }
        return evidence.nextChange(after: now).map { min(next, $0) } ?? next
    }

    // MARK: Judging

    /// What the evidence about `peer` amounts to now.
    func judgement(of peer: Peer) -> Judgement {
        evidence.judgement(of: peer.id, at: moment.instant)
    }

    /// The peers that stand for election, but those that are proven to be gone.
    var livingPeers: [Peer] {
        activePeers.filter {
            switch judgement(of: $0) {
            case .gone: false
            case .unheard, .alive, .suspected: true
            }
        }
    }

    /// Whether `peer` may be given a place: it stands for election, and nothing speaks against it.
    func isUsable(_ peer: Peer) -> Bool {
        guard isPresent(peer) else { return false }
        switch judgement(of: peer) {
        case .alive, .unheard: return true
        case .gone, .suspected: return false
        }
    }

    /// Whether `peer` is heard and says that its postgres is as the state asks for.
    private func isServing(_ peer: Peer) -> Bool {
        isUsable(peer) && evidence.word(of: peer.id)?.postgres == .serving
    }

    /// The first of `peers` that may be given a place: one that serves before one that is heard, and that
    /// before one that never was.
    func firstUsable(of peers: [Peer]) -> Peer? {
        let usable = peers.filter(isUsable)
        return usable.first(where: isServing) ?? usable.first { judgement(of: $0) == .alive }
            ?? usable.first
    }

    /// Why the sync takes the primary for gone; nil if it does not.
    ///
    /// A silent primary must be missed by another peer, too, and heard by none: otherwise it is this
    /// peer that is cut off, or the primary replaces its sync.
    func lossOfPrimary(in state: ClusterState) -> Reason.Loss? {
        guard isPresent(state.primary) else {
            return goesOn(state.primary, in: state) ? nil : .absent
        }
        let judgement = judgement(of: state.primary)
        let opened = evidence.word(of: state.primary.id)?.opened == state.generation
        switch judgement {
        case .unheard, .alive, .suspected(.refusedHere), .suspected(.silent(_, .none)),
            .suspected(.silent(_, .heard)):
            return nil
        case .gone:
            return .evidence(judgement)
        case .suspected(.silent(_, .missed)), .suspected(.notBack):
            return isSettled(opened: opened) ? .evidence(judgement) : nil
        }
    }

    /// Why the primary takes its sync for gone; nil if it does not.
    ///
    /// It needs nobody's testimony: commits wait for what the primary itself can reach. But it must
    /// hear the peer that is to take the place, or it may be the primary that is cut off; and one that
    /// does not serve yet would let writes wait for longer than a sync that comes back.
    func lossOfSync(in state: ClusterState) -> Reason.Loss? {
        guard let sync = state.sync else { return nil }
        guard isPresent(sync) else { return goesOn(sync, in: state) ? nil : .absent }
        let judgement = judgement(of: sync)
        switch judgement {
        case .unheard, .alive:
            return nil
        case .gone:
            return .evidence(judgement)
        case .suspected:
            let opened = writesOpen == state.generation
            return isSettled(opened: opened) && state.async.contains(where: isServing)
                ? .evidence(judgement) : nil
        }
    }

    /// Whether `peer`, which does not stand for election, keeps its place: it is heard and serves, and nobody who
    /// could take the place does.
    ///
    /// Its store or its room is gone, and writes go on; with one that has yet to copy they would wait for the copy.
    private func goesOn(_ peer: Peer, in state: ClusterState) -> Bool {
        guard judgement(of: peer) == .alive, let word = evidence.word(of: peer.id),
            word.postgres == .serving, word.generation == state.generation
        else { return false }
        let isOpen = peer == state.primary ? word.opened : writesOpen
        return isOpen == state.generation && !state.async.contains(where: isServing)
    }

    /// Whether the generation has lasted long enough for a change on suspicion.
    private func isSettled(opened: Bool) -> Bool {
        let age = generationSince.duration(to: moment.instant)
        let limits = configuration.detection
        return age >= limits.patience || opened && age >= limits.calm
    }

    /// Tells what is held against `peer` although nothing follows from it.
    mutating func tellSuspicion(of peer: Peer) {
        if !isPresent(peer) { return report(.sparing(peer.id)) }
        guard case .suspected(let suspicion) = judgement(of: peer) else {
            return clear(.suspicion)
        }
        report(.suspecting(peer.id, suspicion))
    }

    // MARK: The own word

    /// Says what changed about this peer.
    mutating func speak() {
        let word = ownWord
        guard word != spoken else { return }
        spoken = word
        actions.append(.speak(word))
    }

    private var ownWord: PeerWord {
        PeerWord(
            postgres: postgresWord,
            generation: followed?.state.generation,
            opened: writesOpen,
            hears: evidence.heard(at: moment.instant),
            misses: evidence.missed(at: moment.instant)
        )
    }

    private var postgresWord: PostgresWord {
        switch mishap {
        case .lost(let seen), .hung(let seen):
            return role == .primary ? .ended(seen) : .restarting
        case .restarting:
            return .restarting
        case .none:
            guard case .applied(let present) = postgres, present == wish else { return .changing }
            return .serving
        }
    }

    mutating func postgresHung(_ seen: String) {
        mishap = .hung(seen)
        report(.postgresHung(seen))
    }

    mutating func postgresRestarting(_ seen: String) {
        // What ended does not come back by itself: the crash of one of its processes, noticed late, must not
        // take back a word by which the sync takes over.
        if case .lost = mishap { return }
        mishap = .restarting(seen)
        report(.postgresRestarting(seen))
    }

    mutating func postgresAnswers() {
        switch mishap {
        case .none, .lost: return
        case .hung, .restarting: mishap = .none
        }
        clear(.postgres)
    }

    // MARK: Standing aside

    /// The sync that can be expected to take over from a primary whose postgres ended; nil if none
    /// can.
    ///
    /// A takeover is quicker than a restart in place. But it has to come: the sync must be heard, have had
    /// everything, and have somebody to become its own sync.
    func syncToStandAsideFor(_ generation: Generation?) -> Peer? {
        guard role == .primary, store == .connected, standing == .current, let followed,
            followed.state.freeze == nil, followed.state.handover == nil,
            let sync = followed.state.sync,
            generation == followed.state.generation, isPresent(sync),
            judgement(of: sync) == .alive, isServing(sync),
            followed.state.async.contains(where: isServing)
        else { return nil }
        return sync
    }

    mutating func standAsideTimerFired(_ timer: PeerTimer) {
        guard case .standingAside(timer, _) = postgres else { return }
        postgres = .lost
    }
}

extension Peer {
    /// Where its beats are to be had, and all that tells one such place from another.
    fileprivate var heartbeatAddress: [String] {
        [id.text, ip, heartbeatPort.map(String.init) ?? ""]
    }
}
