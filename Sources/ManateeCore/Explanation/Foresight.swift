/// What one peer would do: a real machine, brought to where the facts say that the peer is, and shown
/// what could happen.
///
/// Whatever it asks for is answered as the facts allow, up to a new generation; so an explanation
/// cannot disagree with the machine.
struct Foresight {
    /// How many answers are given at most; a takeover needs four.
    private static let mostAnswers = 32

    private var machine: PeerMachine
    private let peer: Peer
    private let facts: ShardFacts
    private var isPostgresLost = false
    private var told: [Reason.Subject: Reason] = [:]
    private var version: StateVersion
    /// The last state that the peer would write, up to a new generation; nil if it would write none.
    private(set) var proposal: ClusterState?
    /// Why its process would end; nil if it would not.
    private(set) var failure: FatalReason?

    /// What the peer would say, the most important subject first.
    var reasons: [Reason] { Reason.Subject.allCases.compactMap { told[$0] } }

    /// `peer` at rest, with everybody present whom the state names.
    init(_ peer: Peer, _ facts: ShardFacts) {
        self.peer = peer
        self.facts = facts
        version = facts.state.version
        let state = facts.state.state
        let isAlone = state.oneNodeWriteMode && state.primary == peer
        machine = PeerMachine(
            PeerMachine.Configuration(
                peer: peer,
                mode: isAlone ? .oneNodeWrite : .replicated,
                rejoin: facts.peers[peer.id]?.rejoin ?? .automatic
            )
        )
        let database = SystemIdentifier(1)
        take(
            .started(
                PeerMemory(adopted: facts.state, systemIdentifier: database),
                .database(database)
            )
        )
        var calm = facts.state
        calm.state.promote = nil
        calm.state.handover = nil
        if state.role(of: peer.id) != .deposed {
            take(.storeConnected(StoreView(state: calm, activePeers: facts.members)))
        }
        for member in facts.members { hear(member) }
        switch facts.peers[peer.id]?.postgres {
        case .lost(let seen):
            isPostgresLost = true
            take(.postgresLost(seen))
        case .unknown, .asAsked, nil:
            if state.primary == peer {
                take(.syncHeard(true))
                take(.writesOpened(state.generation))
            }
        case .failed:
            break
        }
        // Only what is wrong with postgres or the state lasts, and is not told again; the rest was said
        // on the way here.
        told = told.filter { $0.key == .postgres || $0.key == .store }
        proposal = nil
        if facts.isStoreAway { take(.storeDisconnected) }
    }

    /// Lets the peer hear `member`, if it does, where that decides: who is absent may serve all the same, and
    /// an async may be ready to take its place.
    private mutating func hear(_ member: Peer) {
        let state = facts.state.state
        let role = state.role(of: member.id)
        guard let known = facts.peers[member.id], known.heardBy.contains(peer.id),
            let answers = known.postgres.answers,
            role == .async || !facts.present.contains(member)
        else { return }
        let word = PeerWord(
            postgres: answers ? .serving : .changing,
            generation: state.generation,
            opened: role == .primary ? state.generation : nil
        )
        take(.observed(member.id, .beat(word)))
    }

    /// Shows the peer the store's state and these peers; while the store is away nothing reaches it.
    mutating func see(present: [Peer]) {
        guard !facts.isStoreAway else { return }
        var shown = facts.state
        // A handover that is under way cannot be told from one that was left behind.
        shown.state.handover = nil
        take(.storeConnected(StoreView(state: shown, activePeers: present)))
    }

    /// Whether a new generation or a handover is declared: what follows is another story.
    private var isDeclared: Bool {
        proposal.map {
            $0.generation != facts.state.state.generation || $0.handover != nil
        } ?? false
    }

    private mutating func take(_ event: PeerEvent) {
        var events = [event]
        var answers = 0
        while !events.isEmpty, !isDeclared, answers < Self.mostAnswers {
            answers += 1
            let moment = Moment(Instant(), wall: facts.time)
            for action in machine.handle(events.removeFirst(), at: moment) {
                if let answer = answer(action) { events.append(answer) }
            }
        }
    }

    /// What becomes of an action; nil if nothing comes back.
    private mutating func answer(_ action: PeerAction) -> PeerEvent? {
        if case .report(let reason) = action { told[reason.subject] = reason }
        if case .fail(let reason) = action { failure = reason }
        if case .writeState(let attempt, let state, _) = action {
            proposal = state
            guard !isDeclared else { return nil }
            version = StateVersion(version.number + 1)
            return .stateWritten(attempt, .written(version))
        }
        if case .remember(let attempt, _) = action { return .remembered(attempt, nil) }
        if case .prepareHandover(let attempt, _) = action { return .handoverPrepared(attempt, nil) }
        if case .configurePostgres(let attempt, _) = action { return configured(attempt) }
        if case .stopAcknowledgements(let attempt, _) = action {
            return .acknowledgementsStopped(attempt, .success(facts.sample(of: peer)))
        }
        return nil
    }

    private func configured(_ attempt: Attempt) -> PeerEvent? {
        switch facts.peers[peer.id]?.postgres {
        case .failed(let failure):
            return .postgresConfigured(attempt, .failure(failure))
        case .lost:
            // What is asked for after the loss does not come to an end.
            return isPostgresLost ? nil : .postgresConfigured(attempt, .success(nil))
        case .asAsked:
            return .postgresConfigured(attempt, .success(nil))
        case .unknown, nil:
            // Nobody can say that the copy of a deposed peer streams.
            let isDeposed = facts.state.state.role(of: peer.id) == .deposed
            return isDeposed ? nil : .postgresConfigured(attempt, .success(nil))
        }
    }
}
