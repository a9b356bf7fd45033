import ManateeCore

/// Beats from peer to peer, over the same network as everything else, and attempts to reach whoever is
/// lost from sight, as the port `Heartbeat` promises them.
extension World {
    /// By what the machines judge.
    var detection: FailureDetection {
        var detection = FailureDetection()
        if plan.mutation == .hasty {
            detection.calm = .zero
            detection.patience = .zero
        }
        return detection
    }

    private static let beatInterval = SimulatedTime(FailureDetection().beatInterval)
    private static let lookInterval = SimulatedTime(FailureDetection().knockInterval)
    private static let knockLimit = SimulatedTime(FailureDetection().knockLimit)

    mutating func beginHeartbeat(_ peer: Int) {
        peers[peer].ears = Ears(peers: peers.count)
        let process = peers[peer].process
        add(.beatDue(peer: peer, process: process), after: random.milliseconds(1, 250))
        add(.earsLook(peer: peer, process: process), after: random.milliseconds(1, 100))
    }

    mutating func watch(_ peer: Int, _ others: [Peer]) {
        peers[peer].ears.watched = others.compactMap { index(of: $0.id) }
    }

    mutating func speak(_ peer: Int, _ word: PeerWord) {
        peers[peer].ears.word = word
        sendBeats(peer)
    }

    // MARK: Beats

    mutating func beatDue(_ peer: Int, _ process: Int) {
        guard peers[peer].process == process, peers[peer].isUp else { return }
        sendBeats(peer)
        add(.beatDue(peer: peer, process: process), after: World.beatInterval)
    }

    private mutating func sendBeats(_ peer: Int) {
        for other in peers.indices
        where other != peer && peers[other].ears.streams[peer].process == peers[peer].process {
            sendBeat(peer, to: other)
        }
    }

    private mutating func sendBeat(_ peer: Int, to other: Int) {
        guard let word = peers[peer].ears.word else { return }
        guard network.reaches(from: peer, to: other), network.reaches(from: other, to: peer),
            !(isOpen(.loseBeats, peer) && random.chance(700))
        else { return }
        var delay = SimulatedTime(microseconds: 200 + Int64(random.below(4000)))
        if isOpen(.jitter, peer) || isOpen(.jitter, other) { delay = random.milliseconds(1, 200) }
        if network.isSlow(from: peer, to: other) { delay = random.milliseconds(300, 2500) }
        let time = max(now + delay, peers[other].ears.streams[peer].latest)
        peers[other].ears.streams[peer].latest = time
        let beat = Beat(
            from: peer,
            process: peers[peer].process,
            word: isOpen(.lie, peer) ? lie(peer, word) : word
        )
        add(.beatArrives(peer: other, process: peers[other].process, beat), at: time)
    }

    /// A word that is wrong about everything it can be wrong about.
    private mutating func lie(_ peer: Int, _ word: PeerWord) -> PeerWord {
        var lie = word
        if random.chance(500) { lie.postgres = .ended("a lie") }
        if random.chance(500) {
            (lie.hears, lie.misses) = (lie.misses, lie.hears)
        }
        lie.opened = random.chance(500) ? lie.generation : nil
        return lie
    }

    mutating func beatArrives(_ peer: Int, _ process: Int, _ beat: Beat) {
        guard peers[peer].process == process,
            peers[peer].ears.streams[beat.from].process == beat.process
        else { return }
        peers[peer].ears.streams[beat.from].heard = now
        tell(peer, .observed(peers[beat.from].identity.id, .beat(beat.word)))
    }

    /// A process ends: whoever listened to it sees it at once, if the network lets anything through.
    mutating func breakStreams(from peer: Int) {
        for other in peers.indices
        where other != peer && peers[other].ears.streams[peer].process == peers[peer].process {
            guard network.reaches(from: peer, to: other), !peers[peer].isPoweredOff else {
                continue
            }
            add(
                .streamBreaks(
                    peer: other,
                    process: peers[other].process,
                    from: peer,
                    ended: peers[peer].process
                ),
                after: random.milliseconds(1, 40)
            )
        }
    }

    /// Both ends of the streams between two peers are told that they broke.
    mutating func breakStreams(between one: Int, _ other: Int) {
        for (peer, from) in [(one, other), (other, one)] {
            guard let ended = peers[peer].ears.streams[from].process else { continue }
            add(
                .streamBreaks(
                    peer: peer,
                    process: peers[peer].process,
                    from: from,
                    ended: ended
                ),
                after: random.milliseconds(1, 40)
            )
        }
    }

    mutating func streamBreaks(_ peer: Int, _ process: Int, _ from: Int, _ ended: Int) {
        guard peers[peer].process == process,
            peers[peer].ears.streams[from].process == ended
        else { return }
        peers[peer].ears.streams[from].process = nil
        tell(peer, .observed(peers[from].identity.id, .streamLost))
        knock(peer, from)
    }

    // MARK: Knocking

    /// Looks who is lost from sight.
    mutating func earsLook(_ peer: Int, _ process: Int) {
        guard peers[peer].process == process, peers[peer].isUp else { return }
        add(.earsLook(peer: peer, process: process), after: World.lookInterval)
        for other in peers[peer].ears.watched {
            let stream = peers[peer].ears.streams[other]
            let isSilent = now - stream.heard > World.beatInterval + World.beatInterval
            if stream.process == nil || isSilent { knock(peer, other) }
        }
    }

    private mutating func knock(_ peer: Int, _ other: Int) {
        guard peers[peer].ears.streams[other].knockingUntil <= now else { return }
        let sitter = answer(
            of: other,
            to: peer,
            isUp: peers[other].isUp,
            pausedUntil: peers[other].sitterPausedUntil
        )
        let postgres = answer(
            of: other,
            to: peer,
            isUp: peers[other].postgres.server != .stopped,
            pausedUntil: peers[other].postgresPausedUntil
        )
        let isSlow = sitter == .silent || postgres == .silent
        let delay = isSlow ? World.knockLimit : random.milliseconds(1, 10)
        peers[peer].ears.streams[other].knockingUntil = now + delay
        add(
            .knockEnds(
                peer: peer,
                process: peers[peer].process,
                at: other,
                .knocked(sitter: sitter, postgres: postgres)
            ),
            after: delay
        )
    }

    private mutating func answer(
        of peer: Int,
        to other: Int,
        isUp: Bool,
        pausedUntil: SimulatedTime
    ) -> Knock {
        if network.isRejecting(from: other, to: peer) { return .refused }
        guard network.reaches(from: peer, to: other), network.reaches(from: other, to: peer),
            !peers[peer].isPoweredOff, !(isOpen(.loseBeats, peer) && random.chance(500))
        else { return .silent }
        guard isUp else { return .refused }
        return pausedUntil > now ? .silent : .answered
    }

    mutating func knockEnds(_ peer: Int, _ process: Int, _ other: Int, _ seen: Observation) {
        guard peers[peer].process == process else { return }
        tell(peer, .observed(peers[other].identity.id, seen))
        guard case .knocked(.answered, _) = seen, peers[other].isUp else { return }
        peers[peer].ears.streams[other].process = peers[other].process
        sendBeat(other, to: peer)
    }
}

/// One beat under way.
struct Beat: Hashable, Sendable {
    var from: Int
    var process: Int
    var word: PeerWord
}
