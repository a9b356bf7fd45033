import ManateeCore
import ManateeHTTP
import ManateeJournal
import ManateePorts

/// A sitter that says what the test says.
struct ScriptedStatus: SitterStatus {
    var view = PeerMachine(PeerMachine.Configuration(peer: peer(7))).view
    var postgres = PostgresStatus()
    var past = Journal(epoch: WallTime(milliseconds: 1_700_000_000_000))
    var space: SpaceStatus?
    var configuration: ConfigurationStatus?
    var heard: [PeerHearing] = []
    var snapshots: SnapshotStatus?
    /// What is told to followers after what is kept; nil: they wait for ever.
    var news: AsyncStream<JournalEntry>?

    func peerView() async -> PeerView { view }
    func postgresStatus() async -> PostgresStatus { postgres }
    func journal() async -> Journal { past }

    func spaceStatus() async -> SpaceStatus? { space }

    func configurationStatus() async -> ConfigurationStatus? { configuration }

    func hearing() async -> [PeerHearing] { heard }

    func snapshotStatus() async -> SnapshotStatus? { snapshots }

    func entries(after number: Int?) async -> AsyncStream<JournalEntry> {
        let kept = number.map { number in past.entries.filter { $0.number > number } } ?? []
        let (stream, sink) = AsyncStream.makeStream(of: JournalEntry.self)
        for entry in kept { sink.yield(entry) }
        if news != nil { sink.finish() }
        return stream
    }

    static func peer(_ number: Int) -> Peer {
        Peer(
            id: PeerID("10.0.0.\(number):5432:12345"),
            ip: "10.0.0.\(number)",
            postgresURL: "tcp://postgres@10.0.0.\(number):5432/postgres",
            zoneID: "zone\(number)",
            backupURL: number == 3 ? nil : "http://10.0.0.\(number):12345"
        )
    }

    /// A primary of generation 7 that works.
    static let working: ScriptedStatus = {
        var status = ScriptedStatus()
        status.view.role = .primary
        status.view.generation = Generation(7)
        status.view.state = VersionedState(
            ClusterState(
                generation: Generation(7),
                primary: peer(7),
                sync: peer(2),
                async: [peer(3)],
                deposed: [],
                initWAL: LSN(0x4405D30),
                initTimeline: TimelineID(3),
                unknownFields: ["later": .boolean(true)]
            ),
            version: StateVersion(0)
        )
        status.view.activePeers = [peer(7), peer(2), peer(3)]
        status.view.storeConnected = true
        status.view.writesOpen = Generation(7)
        status.postgres = PostgresStatus(
            healthy: true,
            lastCheckMilliseconds: 1_700_000_000_123,
            running: true,
            gateOpen: true,
            position: WALPosition(timeline: TimelineID(3), lsn: LSN(0x1_0000_0000)),
            replication: PostgresStatus.Replication(
                isInRecovery: false,
                downstreams: [
                    ReplicationRow(
                        applicationName: peer(2).id.text,
                        clientAddress: "10.0.0.2",
                        state: "streaming",
                        syncState: "sync",
                        sent: LSN(0x1_0000_0000),
                        write: LSN(0x1_0000_0000),
                        flush: LSN(0x1_0000_0000),
                        replay: LSN(0xFFFF_F000)
                    )
                ],
                serverVersion: 150006,
                startedMilliseconds: 1_699_999_000_000
            )
        )
        return status
    }()
}

extension ScriptedStatus {
    /// The peer of `working` as a standby: it has received everything and replayed all but `lag` bytes.
    static func standby(_ role: PeerRole, lag: UInt64 = 0, streaming: Bool = true) -> Self {
        var status = working
        status.view.role = role
        status.view.writesOpen = nil
        status.view.state?.state.primary = peer(1)
        switch role {
        case .sync: status.view.state?.state.sync = peer(7)
        case .async: status.view.state?.state.async = [peer(7)]
        case .deposed: status.view.state?.state.deposed = [peer(7)]
        case .unknown, .primary, .unassigned: break
        }
        let end = LSN(0x2_0000_0000)
        status.postgres.position = WALPosition(timeline: TimelineID(3), lsn: end)
        status.postgres.replication = PostgresStatus.Replication(
            isInRecovery: true,
            replayed: LSN(end.bytes - lag),
            upstreamEnd: streaming ? end : nil,
            isStreaming: streaming,
            replayAge: lag == 0 ? .zero : .milliseconds(1500),
            serverVersion: 150006,
            startedMilliseconds: 1_699_999_000_000
        )
        return status
    }
}

/// What a scripted sitter's server has besides.
struct ScriptedSurroundings {
    static let token = "0123456789abcdef0123456789abcdef"

    var peer = ScriptedStatus.peer(7)
    var picture: ShardPicture?
    var operations = ScriptedOperations()
    var token: OperatorToken?
    var now = WallTime(milliseconds: 1_700_000_001_000)

    var context: StatusContext {
        StatusContext(
            peer: peer,
            shard: "1.moray",
            version: "2.0.0",
            port: 5433,
            survey: ScriptedSurvey(picture: picture),
            operations: operations,
            token: token,
            dataDirectory: "/",
            wallClock: { [now] in now }
        )
    }
}

struct ScriptedSurvey: ShardSurvey {
    var picture: ShardPicture?

    func latest() async -> ShardPicture? { picture }
}

/// Accepts what the test says, and remembers it.
actor ScriptedOperations: ShardOperations {
    private(set) var orders: [ShardOrder] = []
    private let refusal: OrderRefusal?

    init(refusal: OrderRefusal? = nil) { self.refusal = refusal }

    func begin(_ order: ShardOrder) async -> Result<ShardOperation, OrderRefusal> {
        if let refusal { return .failure(refusal) }
        orders.append(order)
        return .success(Self.operation(orders.count, order))
    }

    func operation(_ number: Int) async -> ShardOperation? {
        orders.indices.contains(number - 1)
            ? Self.operation(number, orders[number - 1]) : nil
    }

    func operations() async -> [ShardOperation] {
        orders.enumerated().map { Self.operation($0 + 1, $1) }
    }

    private static func operation(_ number: Int, _ order: ShardOrder) -> ShardOperation {
        ShardOperation(
            number: number,
            order: order,
            began: WallTime(milliseconds: 1_700_000_000_000),
            progress: .running("waiting for its turn")
        )
    }
}
