import ManateeCore

/// Clients: each writes numbered commits or reads, one request at a time, and remembers what it was
/// told.
extension World {
    mutating func clientActs(_ client: Int) {
        clients[client].requests += 1
        let number = clients[client].requests
        let target =
            random.isConstant || random.chance(750) ? index(of: store.value?.state.primary) : nil
        let peer = target ?? random.below(peers.count)
        var commit: UInt32?
        if random.isConstant || random.chance(700) {
            commit = nextCommit
            nextCommit += 1
            tally.writes += 1
        }
        clients[client].request = SimulatedClient.Request(
            number: number,
            peer: peer,
            commit: commit,
            begun: now
        )
        if network.admitsClients(peer) {
            add(
                .requestArrives(client: client, request: number, peer: peer),
                after: SimulatedTime(microseconds: 200 + Int64(random.below(5000)))
            )
        }
        add(
            .clientGivesUp(client: client, request: number),
            after: random.milliseconds(800, 3000)
        )
    }

    mutating func requestArrives(_ client: Int, _ number: Int, _ peer: Int) {
        guard let request = clients[client].request, request.number == number else { return }
        guard isAdmitted(client, peer) else { return reply(client, number, .refused) }
        checkServing(peer)
        guard let commit = request.commit else {
            checkStaleness(peer)
            return reply(client, number, .rows(rows(peer)))
        }
        append(peer, commit: commit)
        let position = peers[peer].postgres.log.count
        peers[peer].postgres.waiters.append(
            SimulatedPostgres.Waiter(
                position: position,
                commit: commit,
                begunAfter: truth.highestPromoted
            )
        )
        add(
            .primaryFlushes(
                peer: peer,
                process: peers[peer].postgres.process,
                upTo: position
            ),
            after: SimulatedTime(microseconds: 300 + Int64(random.below(3000)))
        )
    }

    /// Whether a request of this client is taken.
    private func isAdmitted(_ client: Int, _ peer: Int) -> Bool {
        let postgres = peers[peer].postgres
        // A session that was open before the promotion goes on behind any gate.
        let isStanding = postgres.hasStandingSessions && client == 0
        return postgres.isPrimary && (postgres.isGateOpen || isStanding)
    }

    /// What a reader sees on a primary.
    private mutating func rows(_ peer: Int) -> Int {
        let postgres = peers[peer].postgres
        truth.seen(
            postgres.log,
            upTo: postgres.visible,
            generation: postgres.generation ?? Generation(0)
        )
        return postgres.visible
    }

    /// Tells whoever wrote `commit` how it ended.
    mutating func answer(_ commit: UInt32, _ reply: ClientReply) {
        guard let client = clients.firstIndex(where: { $0.request?.commit == commit }),
            let request = clients[client].request
        else { return }
        self.reply(client, request.number, reply)
    }

    private mutating func reply(_ client: Int, _ number: Int, _ reply: ClientReply) {
        guard let request = clients[client].request else { return }
        guard network.admitsClients(request.peer) else { return }
        add(
            .replyArrives(client: client, request: number, reply),
            after: SimulatedTime(microseconds: 200 + Int64(random.below(4000)))
        )
    }

    mutating func replyArrives(_ client: Int, _ number: Int, _ reply: ClientReply) {
        guard let request = clients[client].request, request.number == number else { return }
        clients[client].request = nil
        switch reply {
        case .committed:
            tally.acknowledged += 1
            newestAcknowledged = max(newestAcknowledged, request.begun)
            checkRequestsOnly()
            if isHealing, request.begun >= plan.healingBegins {
                writeSucceededInHealing(request.peer)
            }
        case .cancelled, .broken:
            // A warning beside a success says that the commit may be lost: it is no promise.
            if request.commit != nil { tally.unknown += 1 }
        case .refused:
            tally.refused += 1
        case .rows:
            tally.reads += 1
        }
        checkOutageOnly(request, reply)
        clientActsAgain(client)
    }

    mutating func clientGivesUp(_ client: Int, _ number: Int) {
        guard let request = clients[client].request, request.number == number else { return }
        clients[client].request = nil
        if request.commit != nil { tally.unknown += 1 }
        checkOutageOnly(request, nil)
        clientActsAgain(client)
    }

    private mutating func clientActsAgain(_ client: Int) {
        let pause = isHealing ? random.milliseconds(40, 500) : random.milliseconds(5, 160)
        add(.clientActs(client: client), after: pause)
    }
}
