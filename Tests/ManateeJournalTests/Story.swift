import ManateeCore
import ManateeJournal
import Testing

/// A real peer machine in a world that the test tells, with its journal.
struct Story {
    let peers = ["a", "b", "c"].map { name in
        Peer(
            id: PeerID("\(name):5432:12345"),
            ip: name,
            postgresURL: "tcp://postgres@\(name):5432/postgres",
            zoneID: name,
            backupURL: nil
        )
    }
    private var machine: PeerMachine
    private(set) var journal = Journal(epoch: WallTime(milliseconds: 1_000_000))
    private(set) var now = Duration.zero
    private var outstanding: [PeerAction] = []

    /// The story of the peer at `index` in a shard of three that is set up: a, then b, then c.
    init(of index: Int) {
        machine = PeerMachine(PeerMachine.Configuration(peer: peers[index]))
        tell(
            .started(
                PeerMemory(systemIdentifier: SystemIdentifier(1)),
                .database(SystemIdentifier(1))
            )
        )
        tell(.storeConnected(StoreView(state: state(), activePeers: peers)))
        settle()
    }

    func state(
        _ generation: Int = 1,
        primary: Int = 0,
        sync: Int = 1,
        async: [Int] = [2],
        version: Int64 = 0,
        change: (inout ClusterState) -> Void = { _ in }
    ) -> VersionedState {
        var state = ClusterState(
            generation: Generation(generation),
            primary: peers[primary],
            sync: peers[sync],
            async: async.map { peers[$0] },
            deposed: [],
            initWAL: LSN(100),
            initTimeline: TimelineID(1),
            timeline: TimelineID(1)
        )
        change(&state)
        return VersionedState(state, version: StateVersion(version))
    }

    var view: PeerView { machine.view }

    mutating func wait(_ milliseconds: Int) { now += .milliseconds(milliseconds) }

    mutating func tell(_ event: PeerEvent) {
        let before = machine.view
        let actions = machine.handle(event, at: moment)
        outstanding += actions
        _ = journal.observe(
            PeerStep(
                event: event,
                actions: actions,
                before: before,
                after: machine.view,
                moment: moment
            )
        )
    }

    mutating func notice(_ cause: DetectionCause, ago: Duration = .zero) {
        journal.noticed(
            cause,
            at: Moment(
                Instant(now - ago),
                wall: WallTime(milliseconds: wall - Int64(ago / .milliseconds(1)))
            )
        )
    }

    mutating func attach(_ generation: Int) {
        journal.attached(in: Generation(generation), at: moment)
    }

    /// Answers the next thing that is asked for, whatever is asked for first.
    ///
    /// - Returns: whether there was one.
    @discardableResult
    mutating func answer(ends log: UInt64 = 200) -> Bool {
        guard !outstanding.isEmpty else { return false }
        // What else is asked for needs no answer here.
        let asked = outstanding.removeFirst()
        if case .remember(let attempt, _) = asked { tell(.remembered(attempt, nil)) }
        if case .writeState(let attempt, let state, let expected) = asked {
            let version = StateVersion((expected?.number ?? -1) + 1)
            tell(.stateWritten(attempt, .written(version)))
            tell(.clusterStateChanged(VersionedState(state, version: version)))
        }
        if case .stopAcknowledgements(let attempt, _) = asked {
            let end = WALPosition(timeline: TimelineID(1), lsn: LSN(log))
            tell(.acknowledgementsStopped(attempt, .success(WALSample(end: end))))
        }
        if case .configurePostgres(let attempt, _) = asked {
            tell(.postgresConfigured(attempt, .success(SystemIdentifier(1))))
        }
        return true
    }

    /// Answers until an action that satisfies `condition` is next; false if none came.
    mutating func answer(until condition: (PeerAction) -> Bool) -> Bool {
        while let next = outstanding.first {
            if condition(next) { return true }
            answer()
        }
        return false
    }

    /// Answers everything.
    mutating func settle() { while answer() {} }

    private var wall: Int64 { 1_000_000 + Int64(now / .milliseconds(1)) }

    private var moment: Moment { Moment(Instant(now), wall: WallTime(milliseconds: wall)) }
}

extension PeerAction {
    var isStop: Bool { if case .stopAcknowledgements = self { true } else { false } }
    var isWrite: Bool { if case .writeState = self { true } else { false } }
    var isConfigure: Bool { if case .configurePostgres = self { true } else { false } }
}
