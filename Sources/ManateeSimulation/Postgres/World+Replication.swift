import ManateeCore

/// Replication: a receiver asks, a sender sends what is flushed, the receiver writes, flushes,
/// confirms and replays.
extension World {
    private mutating func delay(from sender: Int, to receiver: Int) -> SimulatedTime {
        network.isSlow(from: sender, to: receiver)
            ? random.milliseconds(300, 2500)
            : SimulatedTime(microseconds: 200 + Int64(random.below(4000)))
    }

    // MARK: Connections

    /// Receives from `upstream` from now on; changes nothing if it does already.
    mutating func follow(_ peer: Int, _ upstream: Int) {
        let receiver = peers[peer].postgres.receiver
        guard receiver.upstream != upstream || receiver.phase == .detached else { return }
        detach(peer)
        peers[peer].postgres.receiver.upstream = upstream
        reconnect(peer)
    }

    mutating func reconnect(_ peer: Int) {
        guard peers[peer].postgres.receiver.upstream != nil else { return }
        peers[peer].postgres.receiver.phase = .waiting
        peers[peer].postgres.receiver.hasDiverged = false
        peers[peer].postgres.receiver.stalls = 0
        peers[peer].postgres.receiver.connection += 1
        add(
            .receiverConnects(
                peer: peer,
                connection: peers[peer].postgres.receiver.connection
            ),
            after: random.milliseconds(1, 60)
        )
    }

    /// Ends the receiver; its upstream sees it soon if a message gets through, else late.
    mutating func detach(_ peer: Int) {
        let receiver = peers[peer].postgres.receiver
        if receiver.phase == .streaming, let upstream = receiver.upstream {
            add(
                .senderNoticesLoss(
                    peer: upstream,
                    standby: peer,
                    connection: receiver.connection
                ),
                after: network.reaches(from: peer, to: upstream)
                    ? random.milliseconds(1, 25) : random.milliseconds(3000, 8000)
            )
        }
        peers[peer].postgres.receiver.phase = .detached
        peers[peer].postgres.receiver.connection += 1
    }

    mutating func receiverConnects(_ peer: Int, _ connection: Int) {
        let postgres = peers[peer].postgres
        guard postgres.receiver.connection == connection, postgres.receiver.phase == .waiting,
            postgres.server == .running, postgres.isInRecovery, !postgres.isPromoting,
            let upstream = postgres.receiver.upstream
        else { return }
        let theirs = peers[upstream].postgres
        if theirs.isServing, theirs.database?.system != postgres.database?.system {
            return diverged(peer, connection)
        }
        guard theirs.isServing, theirs.log.count >= theirs.database?.consistentAt ?? 0,
            peers[upstream].postgresPausedUntil <= now,
            network.reaches(from: peer, to: upstream), network.reaches(from: upstream, to: peer)
        else { return connectLater(peer, connection, .milliseconds(150)) }
        let shared = min(postgres.log.count, theirs.log.flushed)
        guard postgres.log.agrees(with: theirs.log, upTo: shared) else {
            return diverged(peer, connection)
        }
        // A standby that is ahead of its upstream is not sent anything.
        guard postgres.log.count <= theirs.log.flushed else {
            return connectLater(peer, connection, .milliseconds(300))
        }
        peers[peer].postgres.receiver.phase = .streaming
        peers[peer].postgres.receiver.hasDiverged = false
        note(peer, "streams from \(PeerName.of(upstream))")
        peers[upstream].postgres.senders[peer] = SimulatedPostgres.Sender(
            connection: connection,
            sent: postgres.log.count,
            confirmed: 0,
            names: theirs.names
        )
        checkAcknowledgers()
        confirm(peer)
        send(upstream, to: peer)
        pursue(peer)
    }

    private mutating func connectLater(_ peer: Int, _ connection: Int, _ delay: SimulatedTime) {
        add(
            .receiverConnects(peer: peer, connection: connection),
            after: delay + random.milliseconds(0, 100)
        )
    }

    private mutating func diverged(_ peer: Int, _ connection: Int) {
        connectLater(peer, connection, .seconds(1))
        guard !peers[peer].postgres.receiver.hasDiverged else { return }
        peers[peer].postgres.receiver.hasDiverged = true
        note(peer, "cannot follow: its log went another way")
        if peers[peer].postgres.operation != nil {
            pursue(peer)
        } else {
            tellSoon(peer, .postgresLost("the log went another way than the upstream's"))
        }
    }

    mutating func loseUpstream(_ peer: Int, _ connection: Int) {
        guard peers[peer].postgres.receiver.connection == connection,
            peers[peer].postgres.receiver.phase == .streaming
        else { return }
        reconnect(peer)
    }

    mutating func removeSender(_ peer: Int, _ standby: Int, _ connection: Int) {
        guard peers[peer].postgres.senders[standby]?.connection == connection else { return }
        peers[peer].postgres.senders[standby] = nil
        pursue(peer)
    }

    // MARK: The log

    mutating func sendToAll(_ peer: Int) {
        for standby in peers.indices where peers[peer].postgres.senders[standby] != nil {
            send(peer, to: standby)
        }
    }

    mutating func send(_ peer: Int, to standby: Int) {
        guard let sender = peers[peer].postgres.senders[standby], !sender.isBusy else { return }
        guard peers[peer].postgres.server == .running || peers[peer].postgres.server == .stopping
        else { return }
        let end = peers[peer].postgres.log.flushed
        guard end > sender.sent else { return }
        peers[peer].postgres.senders[standby]?.isBusy = true
        add(
            .walArrives(peer: standby, connection: sender.connection, upTo: end),
            after: delay(from: peer, to: standby)
        )
    }

    mutating func walArrives(_ peer: Int, _ connection: Int, _ end: Int) {
        let receiver = peers[peer].postgres.receiver
        guard receiver.connection == connection, receiver.phase == .streaming,
            let upstream = receiver.upstream
        else { return }
        guard network.reaches(from: upstream, to: peer) else {
            return stall(peer, upstream, connection, end)
        }
        peers[peer].postgres.receiver.stalls = 0
        let theirs = peers[upstream].postgres.log
        let own = peers[peer].postgres.log.count
        if peers[peer].postgres.log.agrees(with: theirs, upTo: own) {
            peers[peer].postgres.database?.log.receive(from: theirs, upTo: end)
            add(
                .walIsFlushed(
                    peer: peer,
                    process: peers[peer].postgres.process,
                    upTo: peers[peer].postgres.log.count
                ),
                after: SimulatedTime(microseconds: 300 + Int64(random.below(6000)))
            )
        }
        guard peers[upstream].postgres.senders[peer]?.connection == connection else { return }
        peers[upstream].postgres.senders[peer]?.isBusy = false
        peers[upstream].postgres.senders[peer]?.sent = end
        send(upstream, to: peer)
    }

    /// A message that does not get through is sent again, until both ends give the connection up.
    private mutating func stall(_ peer: Int, _ upstream: Int, _ connection: Int, _ end: Int) {
        peers[peer].postgres.receiver.stalls += 1
        guard peers[peer].postgres.receiver.stalls < 20 else {
            removeSender(upstream, peer, connection)
            return loseUpstream(peer, connection)
        }
        add(
            .walArrives(peer: peer, connection: connection, upTo: end),
            after: .milliseconds(250)
        )
    }

    mutating func walIsFlushed(_ peer: Int, _ process: Int, _ end: Int) {
        guard peers[peer].postgres.process == process else { return }
        peers[peer].postgres.database?.log.flush(upTo: end)
        confirm(peer)
        sendToAll(peer)
        foreseeReplay(peer)
        if peers[peer].postgres.operation != nil { pursue(peer) }
    }

    private mutating func confirm(_ peer: Int) {
        let receiver = peers[peer].postgres.receiver
        guard receiver.phase == .streaming, let upstream = receiver.upstream else { return }
        add(
            .confirmationArrives(
                peer: upstream,
                standby: peer,
                connection: receiver.connection,
                flushed: peers[peer].postgres.log.flushed
            ),
            after: delay(from: peer, to: upstream)
        )
    }

    mutating func confirmationArrives(
        _ peer: Int,
        _ standby: Int,
        _ connection: Int,
        _ flushed: Int
    ) {
        guard let sender = peers[peer].postgres.senders[standby], sender.connection == connection
        else { return }
        guard network.reaches(from: standby, to: peer) else {
            add(
                .confirmationArrives(
                    peer: peer,
                    standby: standby,
                    connection: connection,
                    flushed: flushed
                ),
                after: .milliseconds(300)
            )
            return
        }
        guard flushed > sender.confirmed else { return }
        peers[peer].postgres.senders[standby]?.confirmed = flushed
        if sender.names == .peer(standby) { release(peer, upTo: flushed) }
        if peers[peer].postgres.sync == standby { watchGate(peer) }
    }

    private mutating func foreseeReplay(_ peer: Int) {
        guard !peers[peer].postgres.isReplaying else { return }
        peers[peer].postgres.isReplaying = true
        add(
            .walIsReplayed(peer: peer, process: peers[peer].postgres.process),
            after: random.milliseconds(1, 40)
        )
    }

    mutating func walIsReplayed(_ peer: Int, _ process: Int) {
        guard peers[peer].postgres.process == process else { return }
        guard !isOpen(.pauseReplay, peer) else {
            add(.walIsReplayed(peer: peer, process: process), after: .milliseconds(300))
            return
        }
        peers[peer].postgres.isReplaying = false
        peers[peer].postgres.database?.log.replayAll()
    }
}
