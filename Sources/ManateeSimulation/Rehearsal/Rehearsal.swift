package import ManateeCore

/// One real peer, `node1`, in a cluster that a reader edits by hand: for learning the system.
///
/// The verbs and the arithmetic of the log are those of the original's simulator, so that its
/// scenarios can be typed in: each configuration that a primary completes writes ten bytes, and a
/// sync has what its generation began with only after `catchUp`. Nothing here is random; to see the
/// machines under fire, explore.
package struct Rehearsal: Sendable {
    /// How long a verb waits for the peer to come to rest.
    private static let patience = SimulatedTime.seconds(6)

    /// The moment.
    package private(set) var now = SimulatedTime.zero
    /// The cluster state; nil before setup.
    package var state: VersionedState?
    /// The peers that stand for election, in the order in which they joined.
    package var present: [Peer] = []
    /// Everybody who was ever named, in the order of creation.
    package var idents: [Peer] = []
    /// What node1's postgres is; nil before the first configuration.
    package private(set) var configuration: PostgresConfiguration?
    /// Where node1's log ends.
    package var wal = LSN.zero
    /// What node1 said, oldest first.
    package private(set) var words: [String] = []

    private(set) var machine: PeerMachine?
    private var memory = PeerMemory()
    private var expected: [(time: SimulatedTime, event: PeerEvent)] = []

    /// A cluster without anybody but a node1 that has not started.
    package init() {
        _ = ident("node1")
    }

    /// The role that node1 has, as it knows itself.
    package var role: PeerRole { machine?.view.role ?? .unknown }

    // MARK: Peers

    /// The description of `name`, which is made up if it is new.
    mutating func ident(_ name: String) -> Peer {
        if let known = idents.first(where: { $0.zoneID == name }) { return known }
        let number = idents.count + 1
        let peer = Peer(
            id: PeerID("10.0.0.\(number):5432:12345"),
            ip: "10.0.0.\(number)",
            postgresURL: "tcp://postgres@10.0.0.\(number):5432/postgres",
            zoneID: name,
            backupURL: nil
        )
        idents.append(peer)
        return peer
    }

    /// The peer under test.
    package var own: Peer { idents[0] }

    mutating func start(isSingleton: Bool) {
        if !present.contains(own) { present.append(own) }
        machine = PeerMachine(
            PeerMachine.Configuration(
                peer: own,
                mode: isSingleton ? .oneNodeWrite : .replicated,
                rejoin: .manual
            )
        )
        let placed = (state?.state.chain ?? []) + (state?.state.deposed ?? [])
        let inventory: PostgresInventory =
            placed.contains(own) ? .database(SystemIdentifier(1)) : .empty
        tell(.started(memory, inventory))
        expect(
            .storeConnected(StoreView(state: state, activePeers: present)),
            after: .milliseconds(100)
        )
        settle()
    }

    /// Changes the cluster state as somebody else would.
    mutating func edit(_ change: (inout ClusterState) -> Void) {
        guard var edited = state else { return }
        change(&edited.state)
        write(edited.state)
        tell(.clusterStateChanged(state))
        settle()
    }

    mutating func write(_ new: ClusterState) {
        state = VersionedState(new, version: StateVersion((state?.version.number ?? -1) + 1))
    }

    mutating func membersChanged() {
        tell(.activePeersChanged(present))
        settle()
    }

    // MARK: Time

    private mutating func expect(_ event: PeerEvent, after delay: SimulatedTime) {
        expected.append((now + delay, event))
    }

    /// Lets everything happen that is under way, for as long as the patience lasts.
    mutating func settle() { pass(Rehearsal.patience) }

    /// Lets up to `span` pass; less if nothing is under way any more.
    mutating func pass(_ span: SimulatedTime) {
        let end = now + span
        while let next = expected.indices.min(by: { expected[$0].time < expected[$1].time }),
            expected[next].time <= end
        {
            let (time, event) = expected.remove(at: next)
            now = max(now, time)
            tell(event)
        }
    }

    // MARK: The peer

    private mutating func tell(_ event: PeerEvent) {
        let moment = Moment(onClocks: Instant(now.duration))
        guard let actions = machine?.handle(event, at: moment) else { return }
        for action in actions { perform(action) }
    }

    private mutating func perform(_ action: PeerAction) {
        switch action {
        case .remember(let attempt, let new):
            memory = new
            expect(.remembered(attempt, nil), after: .milliseconds(1))
        case .writeState(let attempt, let new, let expectedVersion):
            guard state?.version == expectedVersion else {
                return expect(.stateWritten(attempt, .conflict), after: .milliseconds(100))
            }
            write(new)
            guard let version = state?.version else { return }
            expect(.stateWritten(attempt, .written(version)), after: .milliseconds(100))
            expect(.clusterStateChanged(state), after: .milliseconds(101))
        case .readState(let attempt):
            expect(.stateRead(attempt, .success(state)), after: .milliseconds(100))
        case .prepareHandover(let attempt, _):
            expect(.handoverPrepared(attempt, nil), after: .milliseconds(50))
        case .stopAcknowledgements(let attempt, let how):
            if how == .shutDown {
                configuration = .stopped
                wal = LSN(wal.bytes + 10)
            }
            expect(
                .acknowledgementsStopped(attempt, .success(sample)),
                after: .milliseconds(10)
            )
        case .configurePostgres(let attempt, let new):
            configure(attempt, new)
        case .orderGate(let attempt, _):
            expect(.gateOrdered(attempt, nil), after: .milliseconds(100))
        case .startTimer(let timer, let duration):
            expect(.timerFired(timer), after: SimulatedTime(duration))
        case .report(let reason):
            words.append("\(now)  \(reason)")
        case .fail(let reason):
            words.append("\(now)  ENDS: \(reason)")
            machine = nil
            expected = []
        case .cancelConfiguration, .watch, .speak:
            break
        }
    }

    private mutating func configure(_ attempt: Attempt, _ new: PostgresConfiguration) {
        configuration = new
        expect(.postgresConfigured(attempt, .success(SystemIdentifier(1))), after: .seconds(1))
        guard case .primary(let part) = new else {
            return expect(.syncHeard(false), after: .seconds(1))
        }
        expect(.syncHeard(true), after: .seconds(1))
        wal = LSN(max(wal, state?.state.initWAL ?? .zero).bytes + 10)
        expect(.writesOpened(part.generation), after: .milliseconds(1010))
    }

    private var sample: WALSample {
        let timeline = TimelineID(1)
        guard let shown = state?.state else {
            return WALSample(end: WALPosition(timeline: timeline, lsn: wal))
        }
        let isPrimary = shown.primary == own
        let own = isPrimary ? shown.timeline : shown.initTimeline
        return WALSample(end: WALPosition(timeline: own ?? timeline, lsn: wal))
    }
}
