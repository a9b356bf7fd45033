import ManateeCore

/// The checkers: each compares what a machine caused with what is true in the world.
extension World {
    mutating func violate(_ rule: Violation.Rule, _ detail: @autoclosure () -> String) {
        guard violation == nil else { return }
        let found = Violation(rule: rule, time: now, detail: detail())
        violation = found
        note("VIOLATION \(rule.rawValue): \(found.detail)")
    }

    // MARK: The promise

    /// A commit is released: from now on a client may have been told that it is safe.
    mutating func acknowledge(_ peer: Int, _ waiter: SimulatedPostgres.Waiter) {
        let generation = peers[peer].postgres.generation ?? Generation(0)
        truth.acknowledged(waiter.commit, generation: generation, at: now)
        if waiter.begunAfter > generation {
            violate(
                .twoAcknowledgers,
                """
                \(PeerName.of(peer)) acknowledged write \(waiter.commit) in generation \
                \(generation), begun after generation \(waiter.begunAfter) had a primary
                """
            )
        }
        checkAgainstSample(peer, waiter, generation)
        if !isOnAnotherDisk(peer, waiter.position), !truth.diskWasLost,
            store.value?.state.oneNodeWriteMode != true
        {
            violate(
                .oneDiskOnly,
                "\(PeerName.of(peer)) acknowledged write \(waiter.commit), which nobody else has"
            )
        }
        for other in peers.indices where other != peer && peers[other].postgres.isPrimary {
            guard let later = peers[other].postgres.generation, later > generation else { continue }
            checkPromise(other, later)
        }
        answer(waiter.commit, .committed)
    }

    /// Nothing is acknowledged in a generation beyond where the next one began.
    private mutating func checkAgainstSample(
        _ peer: Int,
        _ waiter: SimulatedPostgres.Waiter,
        _ generation: Generation
    ) {
        guard !truth.storeWentBack, let next = truth.starts[generation.number + 1],
            waiter.position > next.count
        else { return }
        violate(
            .acknowledgedBeyondStart,
            """
            \(PeerName.of(peer)) acknowledged write \(waiter.commit) in generation \(generation), \
            but the next began at \(LogCopy.position(next.count))
            """
        )
    }

    private func isOnAnotherDisk(_ peer: Int, _ position: Int) -> Bool {
        peers.indices.contains { other in
            other != peer && peers[other].postgres.log.flushed >= position
                && peers[other].postgres.log.agrees(with: peers[peer].postgres.log, upTo: position)
        }
    }

    /// A server is promoted, started as primary, or admits clients.
    mutating func checkNewPrimary(_ peer: Int) {
        let generation = peers[peer].postgres.generation ?? Generation(0)
        truth.highestPromoted = max(truth.highestPromoted, generation)
        if peers[peer].postgres.database?.isComplete != true {
            violate(.incompleteCopy, "\(PeerName.of(peer)) runs as primary on an incomplete copy")
        }
        checkPromise(peer, generation)
        checkAcknowledgers()
        checkNotHandedOver(peer)
    }

    /// Two logs of one timeline number cannot be told apart by any server.
    mutating func checkTimeline(_ peer: Int, _ timeline: UInt32) {
        let isNew = truth.timelines.insert(timeline).inserted
        guard !isNew, !truth.storeWentBack else { return }
        violate(.timelineTwice, "\(PeerName.of(peer)) starts timeline \(timeline) once more")
    }

    private mutating func checkPromise(_ peer: Int, _ generation: Generation) {
        guard let commit = truth.missing(in: peers[peer].postgres.log, upTo: generation) else {
            return
        }
        violate(
            .lostWrite,
            "write \(commit) is not in \(PeerName.of(peer)), primary of generation \(generation)"
        )
    }

    /// At most one primary has a standby attached whose word would release a commit.
    mutating func checkAcknowledgers() {
        var able: [Int] = []
        for peer in peers.indices where peers[peer].postgres.isPrimary {
            if canAcknowledge(peer) { able.append(peer) }
        }
        guard able.count > 1 else { return }
        violate(
            .twoAcknowledgers,
            "\(able.map(PeerName.of).joined(separator: " and ")) can acknowledge at the same time"
        )
    }

    private func canAcknowledge(_ peer: Int) -> Bool {
        let postgres = peers[peer].postgres
        if postgres.names == .nobody { return true }
        return peers.indices.contains { standby in
            guard let sender = postgres.senders[standby], sender.names == .peer(standby) else {
                return false
            }
            let receiver = peers[standby].postgres.receiver
            return receiver.phase == .streaming && receiver.upstream == peer
                && receiver.connection == sender.connection
        }
    }

    // MARK: Writes of the state

    mutating func checkWrite(_ peer: Int, _ new: ClusterState, isStale: Bool) {
        if isStale {
            violate(.staleWrite, "\(PeerName.of(peer)) wrote over a version that it did not know")
        }
        checkAge(peer, new)
        defer { truth.highestDeclared = max(truth.highestDeclared, new.generation) }
        guard let old = store.value?.state else {
            tally.generations += 1
            lastChange = now
            if new.generation != Generation(1) || new.primary.id != peers[peer].identity.id {
                violate(.generation, "\(PeerName.of(peer)) set up \(Words.of(new))")
            }
            return
        }
        checkPreserved(peer, old, new)
        checkFinalPosition(peer, old, new)
        checkRejoined(peer, old, new)
        let isSamePair =
            old.primary == new.primary && old.sync == new.sync && old.generation == new.generation
        if old.freeze != nil, !isSamePair || old.deposed != new.deposed {
            violate(
                .frozenChanged,
                "\(PeerName.of(peer)) changed the frozen \(Words.of(old)) to \(Words.of(new))"
            )
        }
        if !isSamePair {
            checkDeclaration(peer, old, new)
            checkCause(peer, old, new)
        }
    }

    private mutating func checkDeclaration(_ peer: Int, _ old: ClusterState, _ new: ClusterState) {
        tally.generations += 1
        guard new.generation == old.generation.next else {
            return violate(.generation, "\(Words.of(old)) became \(Words.of(new))")
        }
        guard new.primary.id == peers[peer].identity.id else {
            return violate(
                .foreignDeclaration,
                "\(PeerName.of(peer)) declared \(Words.of(new))"
            )
        }
        let log = peers[peer].postgres.log
        if new.primary != old.primary {
            tally.takeovers += 1
            let isDeposed = new.deposed.contains(old.primary)
            if old.sync != new.primary || !isDeposed && old.finalPosition == nil {
                violate(.generation, "\(Words.of(old)) became \(Words.of(new))")
            }
            checkHandover(peer, old, new)
            // A disk that was lost while the declaration was on its way to the store had everything.
            let isLost = truth.diskWasLost && peers[peer].postgres.database == nil
            if let start = truth.starts[old.generation.number], start.count > 0, !isLost,
                log.flushed < start.count || log.records[start.count - 1].identity != start.identity
            {
                violate(
                    .takeoverWithoutLog,
                    """
                    \(PeerName.of(peer)) took over without the records up to \
                    \(LogCopy.position(start.count)) with which generation \(old.generation) began
                    """
                )
            }
        }
        let count = min(LogCopy.count(new.initWAL), log.count)
        let identity = count > 0 ? log.records[count - 1].identity : 0
        truth.starts[new.generation.number] = (count, identity)
        if let commit = truth.promise(in: log, from: count, upTo: old.generation) {
            violate(
                .acknowledgedBeyondStart,
                """
                generation \(new.generation) begins at \(LogCopy.position(count)), but write \
                \(commit) behind it is acknowledged
                """
            )
        }
        checkCandidate(peer, new)
    }

    private mutating func checkCandidate(_ peer: Int, _ new: ClusterState) {
        guard let sync = index(of: new.sync) else { return }
        // What the declarer knew is as old as the slowest watch and the slowest write.
        if truth.absence(of: sync, at: now) > .seconds(6) {
            violate(
                .absentCandidate,
                "\(PeerName.of(peer)) made \(PeerName.of(sync)) its sync, which was long gone"
            )
        }
    }

    private mutating func checkPreserved(_ peer: Int, _ old: ClusterState, _ new: ClusterState) {
        if old.unknownFields != new.unknownFields {
            violate(.unknownFields, "\(PeerName.of(peer)) wrote other unknown fields")
        }
        for member in new.chain + new.deposed where member.unknownFields["rack"] == nil {
            violate(.unknownFields, "\(PeerName.of(peer)) wrote \(member) without its fields")
        }
        if old.freeze != nil, old.freeze != new.freeze {
            violate(.frozenChanged, "\(PeerName.of(peer)) changed the order that freezes the shard")
        }
    }

    /// Whoever leaves the list of deposed peers has the primary's log and nothing else.
    ///
    /// Or the sync's, where the primary is gone, or a store that went back shows neither of them what they do
    /// (ADR 0046). That may be another one than the primary's: a base backup contains what the primary's earlier
    /// sync had not flushed.
    private mutating func checkRejoined(_ peer: Int, _ old: ClusterState, _ new: ClusterState) {
        for deposed in old.deposed where !new.deposed.contains(deposed) {
            tally.rejoined += 1
            guard let left = index(of: deposed), let primary = index(of: new.primary) else {
                continue
            }
            let own = peers[left].postgres.log
            let isPrimaryGone = !peers[primary].isUp || !store.members.contains(primary)
            let sync = truth.storeWentBack || isPrimaryGone ? index(of: new.sync) : nil
            let agrees = [primary, sync].compactMap(\.self).contains { source in
                let theirs = peers[source].postgres.log
                return own.agrees(with: theirs, upTo: min(own.count, theirs.count))
            }
            let isComplete = peers[left].postgres.database?.isComplete == true
            guard !truth.diskWasLost else { continue }
            if !isComplete || !agrees {
                violate(
                    .deposedServes,
                    "\(PeerName.of(left)) is not deposed any more, but its log is another one"
                )
            }
        }
    }

    /// Nobody writes a state that is older than one that it remembers.
    private mutating func checkAge(_ peer: Int, _ new: ClusterState) {
        guard let known = truth.remembered[peer], new.generation < known
        else { return }
        violate(
            .storeWentBack,
            "\(PeerName.of(peer)) remembers generation \(known) and wrote \(new.generation)"
        )
    }

    /// Nobody goes on in another past than the one that it acted in.
    mutating func checkPast(_ peer: Int, _ memory: PeerMemory) {
        guard let new = memory.adopted.map({ Truth.reign(of: $0.state) }) else { return }
        defer { truth.reign[peer] = new }
        guard let known = truth.reign[peer], !truth.descends(new, from: known) else { return }
        violate(
            .storeWentBack,
            "\(PeerName.of(peer)) acted in generation \(known.generation), and goes on in a "
                + "generation \(new.generation) that does not follow from it"
        )
    }

    // MARK: Roles

    /// What the machine is shown, for later comparison.
    mutating func checkBefore(_ peer: Int, _ event: PeerEvent) {
        switch event {
        case .storeConnected(let view): show(peer, view.state)
        case .clusterStateChanged(let state): show(peer, state)
        case .stateRead(_, .success(let state)): show(peer, state)
        case .started, .storeDisconnected, .clusterStateUnreadable, .activePeersChanged,
            .remembered, .stateWritten, .stateRead(_, .failure), .acknowledgementsStopped,
            .postgresConfigured, .postgresLost, .postgresHung, .postgresRestarting,
            .postgresAnswers, .detectionChanged, .observed, .writesOpened, .syncHeard, .gateOrdered,
            .timerFired,
            .handoverPrepared:
            break
        }
    }

    private mutating func show(_ peer: Int, _ state: VersionedState?) {
        guard let state else { return }
        peers[peer].shown = state
        let isDeposed = state.state.deposed.contains { $0.id == peers[peer].identity.id }
        if isDeposed {
            if peers[peer].deposedSince == nil { peers[peer].deposedSince = now }
        } else {
            peers[peer].deposedSince = nil
        }
    }

    mutating func checkConfiguration(_ peer: Int, _ configuration: PostgresConfiguration) {
        guard case .primary(let part) = configuration else {
            return checkOutageStop(peer, configuration)
        }
        if truth.storeWentBack, let known = truth.remembered[peer], part.generation < known {
            violate(
                .storeWentBack,
                "\(PeerName.of(peer)) remembers generation \(known), acts on \(part.generation)"
            )
        }
        guard let shown = peers[peer].shown?.state, peers[peer].deposedSince != nil,
            !truth.storeWentBack, shown.primary.id != peers[peer].identity.id
        else { return }
        violate(.deposedServes, "\(PeerName.of(peer)) is deposed and becomes primary")
    }

    /// A peer that has long been told that it is deposed answers a client.
    mutating func checkServing(_ peer: Int) {
        guard let since = peers[peer].deposedSince, peers[peer].isUp,
            now - since > .seconds(20), !truth.storeWentBack,
            !peers[peer].windows.isAnyOpen
        else { return }
        violate(.deposedServes, "\(PeerName.of(peer)) is deposed and serves since \(since)")
    }

    mutating func checkFailure(_ peer: Int, _ reason: FatalReason) {
        guard !truth.storeWentBack, !truth.diskWasLost else { return }
        violate(.contract, "\(PeerName.of(peer)) gave up: \(reason)")
    }

    // MARK: The store alone

    /// In a history in which nothing but the store goes away, nobody notices.
    mutating func checkOutageOnly(_ request: SimulatedClient.Request, _ reply: ClientReply?) {
        guard plan.isOutageOnly, request.begun > .seconds(5), tally.acknowledged > 0,
            store.value?.state.primary == peers[request.peer].identity
        else { return }
        switch reply {
        case .committed, .rows: return
        case .cancelled, .refused, .broken, nil:
            violate(
                .storeOutage,
                "a request to the primary failed while nothing but the store was away"
            )
        }
    }

    private mutating func checkOutageStop(_ peer: Int, _ configuration: PostgresConfiguration) {
        guard plan.isOutageOnly, now > .seconds(5), configuration == .stopped else { return }
        violate(.storeOutage, "\(PeerName.of(peer)) stopped because the store was away")
    }
}
