package import ManateeCore

/// One peer: its sitter's process with the real machine, its memory, its clock, its postgres.
package struct SimulatedPeer: Hashable, Sendable {
    /// How it enters itself into the cluster state.
    package let identity: Peer
    /// The decisions; nil while no process runs.
    package private(set) var machine: PeerMachine?
    /// Whether the sitter's process runs, paused or not.
    ///
    /// Apart from the machine, which is too big to be looked at for this at every step.
    package private(set) var isUp = false
    /// What a restart finds.
    package var memory = PeerMemory()
    /// Its database server.
    package var postgres: SimulatedPostgres
    /// Tells the present process from earlier ones.
    var process = 0
    /// By what the process measures time.
    var clock = ProcessTime()
    /// Until then the sitter's process stands still.
    var sitterPausedUntil = SimulatedTime.zero
    /// Until then the postgres processes stand still.
    var postgresPausedUntil = SimulatedTime.zero
    /// Since when postgres has been without a sitter that runs; nil if one does.
    var unattendedSince: SimulatedTime?
    /// When postgres last began again to do what it is asked for, in time.
    var hinderedUntil = SimulatedTime.zero
    /// What its heartbeat knows of the others.
    var ears: Ears
    /// How many faults keep its host without power: it answers nothing at all.
    var withoutPower = 0
    /// Why the machine took another peer for gone when it said so last.
    var lastLoss: Reason.Loss?
    /// How many faults keep the process down.
    var heldDown = 0
    /// Memories on their way to the disk, oldest first.
    var saving: [MemorySave] = []
    /// The connection to the store.
    var link = StoreLink()
    /// The state that the machine was shown last, as the store had it.
    var shown: VersionedState?
    /// Since when the machine has known that the peer is deposed.
    var deposedSince: SimulatedTime?
    /// Windows in which something goes wrong, by kind; more than one can be open.
    var windows = FaultWindows()

    init(identity: Peer, peers: Int) {
        self.identity = identity
        postgres = SimulatedPostgres(peers: peers)
        ears = Ears(peers: peers)
    }

    /// Whether its host answers nothing at all.
    var isPoweredOff: Bool { withoutPower > 0 }

    /// Lets the machine take `event`, which happened at `now`; nil if no process runs.
    mutating func handle(_ event: PeerEvent, at now: SimulatedTime) -> [PeerAction]? {
        machine?.handle(event, at: Moment(onClocks: clock.time(at: now)))
    }

    /// The sitter's process begins with `new`, or ends.
    mutating func run(_ new: PeerMachine?) {
        machine = new
        isUp = new != nil
    }
}

/// The clock of one sitter's process.
struct ProcessTime: Hashable, Sendable {
    /// When the process began.
    private(set) var startedAt = SimulatedTime.zero
    /// How much faster it runs than the world's, in millionths.
    var drift: Int64 = 0
    /// How far it has jumped since the process began.
    private var jumped = SimulatedTime.zero
    /// When it jumped last since the process began; nil if it did not.
    private(set) var jumpedAt: SimulatedTime?

    /// A process begins.
    mutating func restart(at now: SimulatedTime) {
        startedAt = now
        jumped = .zero
        jumpedAt = nil
    }

    /// It shows from now on what it would have shown only later.
    mutating func jump(by span: SimulatedTime, at now: SimulatedTime) {
        jumped = jumped + span
        jumpedAt = now
    }

    /// The moment as it tells it.
    func time(at now: SimulatedTime) -> Instant {
        let elapsed = (now - startedAt).microseconds
        let drifted = elapsed + elapsed * drift / 1_000_000
        return Instant((SimulatedTime(microseconds: drifted) + jumped).duration)
    }
}

/// A memory on its way to the disk.
struct MemorySave: Hashable, Sendable {
    var attempt: Attempt
    var memory: PeerMemory
}

/// What one sitter's client of the store knows.
struct StoreLink: Hashable, Sendable {
    /// The session; nil before the first and after an expiry.
    var session: Int?
    var isConnected = false
    /// Tells the present connection from earlier ones.
    var connection = 0
    /// Writes without an answer.
    var writes: [Attempt] = []
    /// Reads without an answer.
    var reads: [Attempt] = []
    /// Reads that wait for a connection.
    var waitingReads: [Attempt] = []
    /// When the last message in each direction is through: neither overtakes another.
    var lastRequest = SimulatedTime.zero
    var lastReply = SimulatedTime.zero
    var isStateWatchFired = false
    var isMembersWatchFired = false
    var members: [Int] = []
    /// Whether the process has seen that there is hardly any room.
    var saysShort = false
}
