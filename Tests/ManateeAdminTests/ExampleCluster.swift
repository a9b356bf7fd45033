import ManateeCore
import ManateePorts

/// A cluster to look at: its stored state, and what each postgres answers.
struct ExampleCluster: Sendable {
    /// How a peer's postgres behaves.
    enum Behaviour: Sendable {
        /// It refuses connections.
        case down
        /// It answers, and nobody streams from it.
        case alone
        /// It answers, and the next peer of the chain streams from it.
        case streaming(_ syncState: String, state: String = "streaming")
    }

    var state: [String: JSONValue] = [
        "generation": .integer(3), "initWal": .string("3/12345678"), "async": .array([]),
        "deposed": .array([]), "sync": .null,
    ]
    var sightings: [PeerID: PostgresSighting] = [:]
    private var count = 0

    /// The example called `name`; nil if there is none.
    static func named(_ name: String) -> ExampleCluster? {
        switch name {
        case "singletonOk": .singleton(.alone)
        case "singletonDown": .singleton(.down)
        case "singletonTwoPeers": .singleton(.alone, deposed: 1)
        case "normalOk": .normal()
        case "normal2Peers": .normal(asyncs: 0)
        case "normal5Peers": .normal(asyncs: 3)
        case "normalDeposed": .normal(deposed: 1)
        case "normal2Deposed": .normal(deposed: 2)
        case "normal5Peers2Deposed": .normal(asyncs: 3, deposed: 2)
        case "normalPdown": .normal(primary: .down)
        case "normalPnorepl": .normal(primary: .alone)
        case "normalPasync": .normal(primary: .streaming("async"))
        case "normalPcatchup": .normal(primary: .streaming("async", state: "catchup"))
        case "normalSdown": .normal(sync: .down)
        case "normalSnorepl": .normal(sync: .alone)
        case "normalNoLag": .normal(lag: .zero)
        case "normalCaughtUp": .normal(lag: .zero, syncLag: .zero)
        case "normalLargeLag": .normal(lag: .seconds(86465))
        case "normalNoSync": .withoutSync()
        case "normalOldFreeze": .frozen(.boolean(true))
        case "normalFrozen":
            .frozen(
                .object([
                    "date": .string("2015-03-18T18:40:11.095Z"), "reason": .string("CM-129"),
                ])
            )
        case "normalElsewhere": .elsewhere()
        default: nil
        }
    }

    private static func singleton(_ primary: Behaviour, deposed: Int = 0) -> ExampleCluster {
        var cluster = ExampleCluster()
        cluster.state["oneNodeWriteMode"] = .boolean(true)
        cluster.state["freeze"] = .object([
            "date": .string("2015-02-15T00:00:00.000Z"),
            "reason": .string("manatee setup: one node write mode"),
        ])
        cluster.state["primary"] = cluster.add(primary)
        cluster.addDeposed(deposed)
        return cluster
    }

    private static func normal(
        primary: Behaviour = .streaming("sync"),
        sync: Behaviour = .streaming("async"),
        asyncs: Int = 1,
        deposed: Int = 0,
        lag: Duration = .seconds(342),
        syncLag: Duration? = nil
    ) -> ExampleCluster {
        var cluster = ExampleCluster()
        cluster.state["primary"] = cluster.add(primary)
        cluster.state["sync"] = cluster.add(asyncs == 0 ? .alone : sync, lag: syncLag)
        let behaviours = (0..<asyncs).map { place -> Behaviour in
            place + 1 < asyncs ? .streaming("async") : .alone
        }
        cluster.state["async"] = .array(behaviours.map { cluster.add($0, lag: lag) })
        cluster.addDeposed(deposed)
        return cluster
    }

    private static func withoutSync() -> ExampleCluster {
        var cluster = ExampleCluster()
        cluster.state["primary"] = cluster.add(.alone)
        return cluster
    }

    private static func frozen(_ freeze: JSONValue) -> ExampleCluster {
        var cluster = normal()
        cluster.state["freeze"] = freeze
        cluster.state["extension"] = .object(["kept": .array([.integer(1), .null])])
        return cluster
    }

    /// The primary streams to an address that is not its sync's.
    private static func elsewhere() -> ExampleCluster {
        var cluster = normal()
        let row = ReplicationRow(
            applicationName: "walreceiver",
            clientAddress: "10.0.0.99",
            state: "catchup",
            syncState: "async",
            sent: LSN(0x1234)
        )
        let primary = PeerID("10.0.0.1:5432:12345")
        cluster.sightings[primary] = .answered(PostgresReport(replication: [row]))
        return cluster
    }

    private mutating func addDeposed(_ count: Int) {
        state["deposed"] = .array((0..<count).map { _ in add(.down) })
    }

    /// Adds a peer, whose downstream is the one that is added next.
    private mutating func add(_ behaviour: Behaviour, lag: Duration? = nil) -> JSONValue {
        count += 1
        let id = PeerID("10.0.0.\(count):5432:12345")
        switch behaviour {
        case .down:
            sightings[id] = .failed(cause: "ECONNREFUSED")
        case .alone:
            sightings[id] = .answered(
                PostgresReport(replayLag: lag, log: LSN(0x1234_5678))
            )
        case .streaming(let syncState, let state):
            let position = LSN(0x1234_5678)
            let row = ReplicationRow(
                applicationName: "tcp://postgres@10.0.0.\(count + 1):5432/postgres",
                clientAddress: "10.0.0.\(count + 1)",
                state: state,
                syncState: syncState,
                sent: position,
                write: position,
                flush: position,
                replay: position
            )
            sightings[id] = .answered(
                PostgresReport(replication: [row], replayLag: lag, log: position)
            )
        }
        return Self.peer(count)
    }

    /// The peer with this number, as the state describes it.
    static func peer(_ number: Int) -> JSONValue {
        .object([
            "id": .string("10.0.0.\(number):5432:12345"),
            "ip": .string("10.0.0.\(number)"),
            "pgUrl": .string("tcp://postgres@10.0.0.\(number):5432/postgres"),
            "zoneId": .string("a000000\(number)-5d5c-4c5e-8a5e-00000000000\(number)"),
            "backupUrl": .string("http://10.0.0.\(number):12345"),
        ])
    }
}
