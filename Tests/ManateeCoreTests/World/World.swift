import ManateeCore

/// One real peer machine, n1, in a world that is data: the store, the other peers, n1's postgres.
///
/// Effects end at once, in the order in which they were begun, unless a verb pauses them or lets
/// them fail. Time passes only by `wait`. Everything that happens is written to `output`.
struct World {
    /// What the next effect of a kind comes to, instead of success.
    struct Faults {
        var writes: [WriteFault] = []
        var reads: [String] = []
        var postgres: [PostgresFailure] = []
        var stops: [PostgresFailure] = []
        var preparations: [PostgresFailure] = []
        var memories: [String] = []
        var gates: [String] = []
    }

    enum WriteFault {
        case fails(String)
        case repliesLost(applied: Bool)
        case overtaken(by: [Substring])
    }

    enum Pausable: String, CaseIterable {
        case postgres
        case memory
        case store
    }

    struct Timer {
        var timer: PeerTimer
        var due: Instant
    }

    // The store and the other peers.
    var stored: VersionedState?
    var activePeers: [Peer] = []
    var isConnected = false
    var isStoreUp = true
    var watchesWork = true

    // n1's own disk and postgres.
    var memory = PeerMemory()
    var inventory = PostgresInventory.empty
    var running: PostgresConfiguration = .stopped
    /// Whether the word of a sync would be heard.
    var isSyncAttached = true
    /// Whether the machine was told last that it is.
    var isSyncHeard = false
    var isGateHeld = false
    var log = WALSample(end: WALPosition(timeline: TimelineID(1), lsn: .zero))
    /// The timelines of the shard, which a standby that catches up goes through.
    var shardHistory = TimelineHistory()

    // n1's process.
    var machine: PeerMachine?
    var queue: [PeerEvent] = []
    var timers: [Timer] = []
    var now = Instant()
    /// What n1's clock on the wall showed when the world began: it may be stepped.
    var wallOrigin = WallTime(milliseconds: 1_772_366_400_000)
    var faults = Faults()
    /// How the others look from n1.
    var sight = Sight()
    var paused: Set<Pausable> = []
    var waiting: [Pausable: [PeerAction]] = [:]
    var output: [String] = []
    /// Whether events bred events without end, at one moment.
    var isEndless = false
    /// All that the machine asked for.
    var asked: [PeerAction] = []
    /// Writes of a process that ended, which the store may still receive.
    var ghosts: [PeerAction] = []
    /// Called with the machine's answer to each event; tests hang their invariants here.
    var watch: ((PeerEvent, [PeerAction]) -> Void)?
    /// Called with the machine after each event: how it moved can be read off it.
    var observe: ((PeerEvent, PeerMachine) -> Void)?

    static let n1 = World.peer("n1")
    static let database = SystemIdentifier(7_000_000_001)

    /// The peer called `name`, whose address follows from the number in its name.
    static func peer(_ name: some StringProtocol) -> Peer {
        let number = name.drop { !$0.isNumber }
        let ip = "10.0.0.\(number)"
        return Peer(
            id: PeerID(String(name)),
            ip: ip,
            postgresURL: "tcp://postgres@\(ip):5432/postgres",
            zoneID: String(name),
            backupURL: "http://\(ip):12345",
            heartbeatPort: 5434
        )
    }

    /// The world after these verbs, one per line.
    static func after(_ script: String) throws -> World {
        var world = World()
        try world.execute(lines: script)
        return world
    }

    /// Carries out these verbs, one per line.
    mutating func execute(lines script: String) throws {
        for line in script.split(separator: "\n") { try execute(line) }
    }

    /// Whether the peer hears the store.
    var hears: Bool { machine != nil && isConnected }

    // MARK: The world's side of the store

    /// Changes the state as somebody else would, and tells n1.
    mutating func edit(_ change: (inout ClusterState) throws -> Void) throws {
        guard var state = stored?.state else { throw Misuse("there is no cluster state") }
        try change(&state)
        put(state)
        tellState()
    }

    mutating func put(_ state: ClusterState) {
        let next = stored.map { StateVersion($0.version.number + 1) } ?? StateVersion(0)
        stored = VersionedState(state, version: next)
    }

    mutating func tellState() {
        if hears && watchesWork { queue.append(.clusterStateChanged(stored)) }
    }

    mutating func tellPeers() {
        if hears { queue.append(.activePeersChanged(activePeers)) }
    }

    mutating func connect() {
        isConnected = true
        queue.append(.storeConnected(StoreView(state: stored, activePeers: activePeers)))
    }

    mutating func disconnect() {
        isConnected = false
        queue.append(.storeDisconnected)
    }

    // MARK: Running

    /// What n1's clock on the wall shows.
    var wall: WallTime { wallOrigin.advanced(by: now.sinceOrigin) }

    /// Lets everything happen that can happen without time passing.
    mutating func settle() {
        var limit = 1000
        while !queue.isEmpty {
            deliver(queue.removeFirst())
            limit -= 1
            if limit == 0 {
                isEndless = true
                output.append("ENDLESS: a thousand events without time passing")
                queue = []
            }
        }
    }

    mutating func deliver(_ event: PeerEvent) {
        guard machine != nil else { return }
        let moment = Moment(now, wall: wall)
        let actions = machine?.handle(event, at: moment) ?? []
        watch?(event, actions)
        if let machine { observe?(event, machine) }
        asked.append(contentsOf: actions)
        for action in actions { perform(action) }
    }

    /// Lets time pass; timers that come due fire in order.
    mutating func wait(_ duration: Duration) {
        let end = now.advanced(by: duration)
        while true {
            let next = timers.filter({ $0.due <= end }).min(by: { $0.due < $1.due })
            if let sight = nextSight, sight <= end, next.map({ sight <= $0.due }) ?? true {
                now = sight
                see()
                continue
            }
            guard let next else { break }
            timers.removeAll { $0.timer == next.timer }
            now = max(now, next.due)
            queue.append(.timerFired(next.timer))
            settle()
        }
        now = end
    }
}

/// A verb that makes no sense where it stands.
struct Misuse: Error, CustomStringConvertible {
    var description: String

    init(_ description: String) {
        self.description = description
    }
}
