import ManateeCore
import ManateePorts

/// A sitter that says what the test says.
struct ScriptedStatus: SitterStatus {
    var view = PeerMachine(PeerMachine.Configuration(peer: peer(7))).view
    var postgres = PostgresStatus()

    func peerView() async -> PeerView { view }
    func postgresStatus() async -> PostgresStatus { postgres }

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
            position: WALPosition(timeline: TimelineID(3), lsn: LSN(0x1_0000_0000))
        )
        return status
    }()
}
