package import ManateeCore

/// The database server of one peer: what lies on its disk, and what runs.
package struct SimulatedPostgres: Hashable, Sendable {
    /// What lies in the data directory.
    package struct Database: Hashable, Sendable {
        /// The database cluster it is a copy of.
        package var system: SystemIdentifier
        /// Its log.
        package var log = LogCopy()
        /// Whether it starts as a standby.
        package var isStandby = false
        /// Whether it can be started at all: a copy that was abandoned cannot.
        package var isComplete = true
        /// A rewound copy makes no sense before it holds this many records.
        package var consistentAt = 0
    }

    /// Whether a server process runs.
    package enum Server: Hashable, Sendable {
        /// None. Valid transitions to: `.starting`.
        case stopped
        /// Not accepting connections yet. Valid transitions to: `.running`, `.stopped`.
        case starting
        /// Accepting connections. Valid transitions to: `.stopping`, `.stopped`.
        case running
        /// Shutting down in order. Valid transitions to: `.stopped`.
        case stopping
    }

    /// The value of `synchronous_standby_names`.
    package enum Names: Hashable, Sendable {
        /// Empty: nobody is waited for.
        case nobody
        /// One peer, by its index.
        case peer(Int)
        /// A name that nobody carries.
        case fence
    }

    /// A commit whose client waits for the sync.
    struct Waiter: Hashable, Sendable {
        var position: Int
        var commit: UInt32
        /// The highest generation that had been promoted anywhere when it began.
        var begunAfter: Generation
        var isCancelled = false
    }

    /// One walsender, towards one standby.
    package struct Sender: Hashable, Sendable {
        /// Tells this connection from earlier ones.
        var connection: Int
        /// Records sent.
        var sent: Int
        /// Records that the standby said it has flushed.
        package var confirmed: Int
        /// The names as this process read them last.
        package var names: Names
        /// Whether a message is under way.
        var isBusy = false
    }

    /// The receiving end of replication.
    package struct Receiver: Hashable, Sendable {
        /// Where it is with its upstream.
        package enum Phase: Hashable, Sendable {
            /// Not wanted. Valid transitions to: `.waiting`.
            case detached
            /// Trying to connect. Valid transitions to: `.streaming`, `.detached`.
            case waiting
            /// Connected. Valid transitions to: `.waiting`, `.detached`.
            case streaming
        }
        /// The peer it receives from, by its index.
        package var upstream: Int?
        /// Where it is with its upstream.
        package var phase = Phase.detached
        /// Tells this connection from earlier ones.
        var connection = 0
        /// The own log went another way than the upstream's.
        package var hasDiverged = false
        /// Messages in a row that could not get through.
        var stalls = 0
    }

    /// What the sitter asked for and waits for.
    struct Operation: Hashable, Sendable {
        enum Goal: Hashable, Sendable {
            case configure(PostgresConfiguration)
            case stopAcknowledgements(AcknowledgementStop)
        }
        /// Further than this a goal that takes long has come.
        enum Phase: Hashable, Sendable {
            case pursuing
            case creating
            case copying
            case rewinding
            case detaching
            case fencing
            case sampling
            case ending
        }
        var serial: Int
        var attempt: Attempt
        var goal: Goal
        var phase = Phase.pursuing
        /// Before this moment the present phase does not end.
        var due = SimulatedTime.zero
        /// From this moment on waiting is given up.
        var deadline: SimulatedTime
        /// As a primary that stops in order: whether every standby has taken all of its log.
        var isShipped = false
    }

    /// The disk; nil without a database.
    package var database: Database?
    /// The server process.
    package var server = Server.stopped
    /// Whether the running server is a standby.
    package var isInRecovery = false
    /// Whether it was told to promote and is not done.
    package var isPromoting = false
    /// Tells the present server process from earlier ones.
    var process = 0
    /// The configured names.
    package var names = Names.fence
    /// As primary: in which generation.
    package var generation: Generation?
    /// As primary: the timeline that a promotion must start; nil if the state does not say.
    var wantedTimeline: UInt32?
    /// As primary: the sync that it was configured with.
    var sync: Int?
    /// Whether clients are admitted.
    package var isGateOpen = false
    /// Sessions of its time as a standby go on after a promotion: no gate keeps them out.
    var hasStandingSessions = false
    /// Whether its sitter holds the gate shut, whatever else it waits for.
    var isGateHeld = false
    /// Whether the sitter was told last that the sync's word is heard.
    var isSyncHeard = false
    /// When it was heard last.
    var syncHeardAt = SimulatedTime.zero
    /// How much the sync must have flushed before clients are admitted.
    package var gateNeeds = 0
    /// Whether the sitter is to be told when the sync has everything.
    var owesWritesOpened = false
    /// Up to here commits have been acknowledged.
    package var released = 0
    /// Up to here readers of the primary see commits.
    package var visible = 0
    /// Commits that wait for the sync, by position.
    var waiters: [Waiter] = []
    /// Towards each peer, by its index.
    package var senders: [Sender?]
    /// From the upstream.
    package var receiver = Receiver()
    /// Whether the copy is to be brought back into line once the server has stopped.
    var mustReconcile = false
    /// What the sitter waits for.
    var operation: Operation?
    /// Counts operations.
    var operations = 0
    /// Whether a replay is foreseen.
    var isReplaying = false

    init(peers: Int) {
        senders = Array(repeating: nil, count: peers)
    }

    /// The log; empty without a database.
    package var log: LogCopy { database?.log ?? LogCopy() }

    /// Whether it is a primary that can take part in acknowledging.
    package var isPrimary: Bool { server == .running && !isInRecovery }

    /// Whether it can be copied from or streamed from.
    var isServing: Bool { server == .running && database?.isComplete == true }
}
