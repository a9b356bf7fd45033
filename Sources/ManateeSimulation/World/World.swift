package import ManateeCore

/// A whole shard on one thread: peers with real machines, a store, postgres, a network and clients.
///
/// It is a value. `step` lets the next thing happen; all chance comes from the plan's seed, so that
/// a plan always gives the same history.
package struct World: Sendable {
    /// What decides the history.
    package let plan: Plan
    /// The moment.
    package private(set) var now = SimulatedTime.zero
    /// The peers, by index.
    package var peers: [SimulatedPeer]
    /// The coordination store.
    package var store = SimulatedStore()
    /// What happened, in numbers.
    package var tally = Tally()
    /// The first broken rule; nil while all hold.
    package internal(set) var violation: Violation?
    /// Whether the history has come to its end.
    package internal(set) var isOver = false
    /// What happened, in words; empty unless it is recorded.
    package private(set) var log: [String] = []
    /// What an operator would be told at the end.
    package internal(set) var verdict: ShardVerdict?

    var random: Generator
    var network: Network
    var clients: [SimulatedClient]
    var truth: Truth
    private var schedule = Schedule()
    private let isRecording: Bool
    /// Called with each machine after each event that it was told.
    let observe: (@Sendable (PeerEvent, PeerMachine) -> Void)?
    var nextRecord: UInt32 = 1
    var nextCommit: UInt32 = 1
    var nextSystem: UInt64 = 7001
    var isHealing = false
    /// Which peers a fault hit, by the fault's index: its end concerns the same.
    var hits: [(Int, Int)]
    /// Faults that lie in wait, by index.
    var armed: [Int] = []
    /// How often each fault has struck and goes on, by index.
    var active: [Int]
    var lateNames = 0
    var isFrozenByOperator = 0
    var healedAt: SimulatedTime?
    /// When the newest write was begun that a client knows to be acknowledged.
    var newestAcknowledged = SimulatedTime.zero
    /// When a generation was declared last.
    var lastChange = SimulatedTime.zero
    /// When a write was acknowledged last; kept only where nothing but requests happen.
    var lastAcknowledged: SimulatedTime?
    /// How many events machines have been told.
    package internal(set) var decisions = 0

    /// The world at the beginning of `plan`'s history: nobody has started yet.
    ///
    /// - Parameters:
    ///   - plan: what decides the history.
    ///   - isRecording: whether the history is kept in words.
    ///   - isConstant: whether every delay is the middle of its range.
    ///   - observe: called with each machine after each event that it was told.
    package init(
        plan: Plan,
        isRecording: Bool = false,
        isConstant: Bool = false,
        observe: (@Sendable (PeerEvent, PeerMachine) -> Void)? = nil
    ) {
        self.plan = plan
        self.isRecording = isRecording
        self.observe = observe
        random = Generator(seed: plan.seed, isConstant: isConstant)
        network = Network(peers: plan.peers)
        clients = Array(repeating: SimulatedClient(), count: plan.clients)
        truth = Truth(peers: plan.peers)
        hits = Array(repeating: (0, 0), count: plan.faults.count)
        active = Array(repeating: 0, count: plan.faults.count)
        peers = (0..<plan.peers).map { index in
            let name = PeerName.of(index)
            return SimulatedPeer(
                identity: Peer(
                    id: PeerID(name),
                    ip: name,
                    postgresURL: name,
                    zoneID: name,
                    backupURL: nil,
                    heartbeatPort: 5434,
                    unknownFields: ["rack": .string(name)]
                ),
                peers: plan.peers
            )
        }
        for index in peers.indices {
            peers[index].clock.drift = Int64(random.below(100_001)) - 50_000
            add(.sitterStarts(peer: index), after: random.milliseconds(0, 400))
        }
        for client in clients.indices {
            add(.clientActs(client: client), after: .seconds(2) + random.milliseconds(0, 500))
        }
        for (index, fault) in plan.faults.enumerated() {
            schedule.add(.faultHits(index: index), at: fault.time)
        }
        schedule.add(.operatorAnnotates, at: .milliseconds(3000))
        schedule.add(.healingBegins, at: plan.healingBegins)
        if let fault = plan.survived {
            schedule.add(.writesMustBeBack, at: fault.time + plan.resumptionBound)
        }
    }

    /// Lets the next thing happen.
    ///
    /// - Returns: false if the history is over.
    @discardableResult
    package mutating func step() -> Bool {
        guard !isOver, let entry = schedule.removeFirst() else { return false }
        now = entry.time
        if let later = postponed(entry.occurrence) {
            schedule.add(entry.occurrence, at: later)
            return true
        }
        tally.steps += 1
        happen(entry.occurrence)
        if violation != nil { isOver = true }
        if isOver { tally.time = now }
        return true
    }

    /// Runs the history to its end.
    package mutating func run() {
        while step() {}
    }

    /// A number that two worlds share if everything in them that decides their future is equal.
    package var digest: Int {
        var hasher = Hasher()
        hasher.combine(now)
        hasher.combine(peers)
        hasher.combine(store)
        hasher.combine(network)
        hasher.combine(clients)
        hasher.combine(random)
        hasher.combine(active)
        hasher.combine(schedule.entries)
        return hasher.finalize()
    }

    /// Whether `time` is still to come.
    package func isBefore(_ time: SimulatedTime) -> Bool { now < time }

    /// The moment at which the next thing happens.
    package var nextTime: SimulatedTime? { schedule.nextTime }

    mutating func add(_ occurrence: Occurrence, after delay: SimulatedTime) {
        schedule.add(occurrence, at: now + delay)
    }

    mutating func add(_ occurrence: Occurrence, at time: SimulatedTime) {
        schedule.add(occurrence, at: max(now, time))
    }

    mutating func note(_ text: @autoclosure () -> String) {
        if isRecording { log.append("\(now)  \(text())") }
    }

    mutating func note(_ peer: Int, _ text: @autoclosure () -> String) {
        if isRecording { log.append("\(now)  \(PeerName.of(peer))  \(text())") }
    }

    /// The peer called `id`.
    func index(of id: PeerID) -> Int? {
        for index in peers.indices where peers[index].identity.id == id { return index }
        return nil
    }

    func index(of peer: Peer?) -> Int? {
        guard let peer else { return nil }
        return index(of: peer.id)
    }

    /// Until when whoever `occurrence` concerns stands still; nil if it does not.
    private func postponed(_ occurrence: Occurrence) -> SimulatedTime? {
        let until: SimulatedTime
        switch occurrence {
        case .sitterHears(let peer, _, _), .memorySaved(let peer, _), .timerFires(let peer, _, _),
            .storeConnects(let peer, _), .storeTells(let peer, _, _), .storeBreaks(let peer, _),
            .readGivesUp(let peer, _, _), .beatDue(let peer, _), .beatArrives(let peer, _, _),
            .streamBreaks(let peer, _, _, _), .earsLook(let peer, _),
            .knockEnds(let peer, _, _, _), .syncIsWatched(let peer, _),
            .roomIsLookedAt(let peer, _):
            until = peers[peer].sitterPausedUntil
        case .guardIsDue(let peer, _):
            until = peers[peer].postgresPausedUntil
        case .gateIsOrdered(let peer, _, _, _):
            until = max(peers[peer].sitterPausedUntil, peers[peer].postgresPausedUntil)
        case .serverStarted(let peer, _), .serverStopped(let peer, _), .promotionEnds(let peer, _),
            .operationGoesOn(let peer, _), .primaryFlushes(let peer, _, _),
            .receiverConnects(let peer, _), .walArrives(let peer, _, _),
            .walIsFlushed(let peer, _, _), .walIsReplayed(let peer, _),
            .confirmationArrives(let peer, _, _, _),
            .senderReadsNames(let peer, _, _), .senderNoticesLoss(let peer, _, _),
            .receiverNoticesLoss(let peer, _), .requestArrives(_, _, let peer):
            until = peers[peer].postgresPausedUntil
        case .sitterStarts, .watchFires, .writeArrives, .readArrives, .sessionExpires, .clientActs,
            .replyArrives, .clientGivesUp, .faultHits, .faultStrikes, .operatorAnnotates,
            .faultEnds, .healingBegins,
            .healingMustBeDone, .writesMustBeBack:
            return nil
        }
        guard until > now else { return nil }
        // Healing ends whatever stands still.
        let healing = plan.healingBegins
        return now < healing ? min(until, healing) : until
    }

    private mutating func happen(_ occurrence: Occurrence) {
        switch occurrence {
        case .sitterStarts(let peer): startSitter(peer)
        case .sitterHears(let peer, let process, let event):
            if case .postgresHung = event, peers[peer].postgresPausedUntil <= now { return }
            if peers[peer].process == process { tell(peer, event) }
        case .memorySaved(let peer, let process): memorySaved(peer, process)
        case .timerFires(let peer, let process, let timer):
            if peers[peer].process == process { tell(peer, .timerFired(timer)) }

        case .storeConnects(let peer, let process): connectStore(peer, process)
        case .storeBreaks(let peer, let connection): breakStoreLink(peer, connection)
        case .storeTells(let peer, let connection, let event): storeTells(peer, connection, event)
        case .watchFires(let peer, let connection, let isState):
            watchFires(peer, connection, isState: isState)
        case .writeArrives(let peer, let connection, let session, let write):
            writeArrives(peer, connection, session, write)
        case .readArrives(let peer, let connection, let attempt):
            readArrives(peer, connection, attempt)
        case .readGivesUp(let peer, let process, let attempt): readGivesUp(peer, process, attempt)
        case .sessionExpires(let session): sessionMayExpire(session)
        case .roomIsLookedAt(let peer, let process): lookAtRoom(peer, process)

        case .beatDue(let peer, let process): beatDue(peer, process)
        case .beatArrives(let peer, let process, let beat): beatArrives(peer, process, beat)
        case .streamBreaks(let peer, let process, let from, let ended):
            streamBreaks(peer, process, from, ended)
        case .earsLook(let peer, let process): earsLook(peer, process)
        case .knockEnds(let peer, let process, let other, let seen):
            knockEnds(peer, process, other, seen)
        case .syncIsWatched(let peer, let process): watchSync(peer, process)
        case .gateIsOrdered(let peer, let process, let attempt, let order):
            gateIsOrdered(peer, process, attempt, order)
        case .guardIsDue(let peer, let since): guardIsDue(peer, since)
        case .serverStarted(let peer, let process): serverStarted(peer, process)
        case .serverStopped(let peer, let process): serverStopped(peer, process)
        case .promotionEnds(let peer, let process): promotionEnds(peer, process)
        case .operationGoesOn(let peer, let serial): operationGoesOn(peer, serial)
        case .primaryFlushes(let peer, let process, let end): primaryFlushes(peer, process, end)
        case .receiverConnects(let peer, let connection): receiverConnects(peer, connection)
        case .walArrives(let peer, let connection, let end): walArrives(peer, connection, end)
        case .walIsFlushed(let peer, let process, let end): walIsFlushed(peer, process, end)
        case .confirmationArrives(let peer, let standby, let connection, let end):
            confirmationArrives(peer, standby, connection, end)
        case .walIsReplayed(let peer, let process): walIsReplayed(peer, process)
        case .senderReadsNames(let peer, let standby, let connection):
            senderReadsNames(peer, standby, connection)
        case .senderNoticesLoss(let peer, let standby, let connection):
            removeSender(peer, standby, connection)
        case .receiverNoticesLoss(let peer, let connection): loseUpstream(peer, connection)

        case .clientActs(let client): clientActs(client)
        case .requestArrives(let client, let request, let peer):
            requestArrives(client, request, peer)
        case .replyArrives(let client, let request, let reply):
            replyArrives(client, request, reply)
        case .clientGivesUp(let client, let request): clientGivesUp(client, request)

        case .faultHits(let index): arm(index)
        case .faultStrikes(let index): strike(index)
        case .operatorAnnotates: annotate()
        case .faultEnds(let index): end(index)
        case .healingBegins: beginHealing()
        case .healingMustBeDone: judgeHealing()
        case .writesMustBeBack: judgeResumption()
        }
    }
}
