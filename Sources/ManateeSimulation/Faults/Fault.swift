/// One thing that goes wrong at one moment, and for how long.
package struct Fault: Hashable, Sendable, CustomStringConvertible {
    /// What can go wrong.
    package enum Kind: String, Hashable, Sendable, CaseIterable {
        /// The postgres processes are killed; the sitter lives.
        case killPostgres
        /// The sitter is killed; its postgres lives on if the history says so.
        case killSitter
        /// Both are killed; what was written to files is there afterwards.
        case kill
        /// Both are gone, and with them all that was not flushed.
        case powerLoss
        /// The service is stopped in order, and started again.
        case stop
        /// The sitter's process is stopped, as by SIGSTOP.
        case pauseSitter
        /// The postgres processes are stopped, as by SIGSTOP.
        case pausePostgres
        /// The whole machine stands still.
        case pause
        /// The peer cannot reach the store.
        case cutStore
        /// Nobody can reach the store.
        case storeOutage
        /// The store ends the peer's session.
        case expireSession
        /// Some requests to the store never arrive.
        case loseRequests
        /// Requests to the store arrive late, even after their sender has died.
        case slowRequests
        /// Some replies of the store never arrive.
        case loseReplies
        /// The store tells of changes late.
        case slowWatches
        /// The peer reaches nobody and nobody reaches it.
        case isolate
        /// The peer reaches neither the store nor another peer, but clients reach it.
        case cutOff
        /// Two peers cannot reach each other.
        case cut
        /// The first peer's messages do not reach the second.
        case cutOneWay
        /// Messages from the first peer to the second take long.
        case slowLink
        /// No client reaches the peer.
        case cutClients
        /// The peer's memory is slow to become durable.
        case slowMemory
        /// The peer's memory cannot be saved.
        case failMemory
        /// The peer's clock jumps ahead by the span.
        case jumpClock
        /// Every waiting commit on the peer is cancelled.
        case cancelWaits
        /// Postgres does not start and does not change its configuration.
        case failPostgres
        /// Everything postgres does at its sitter's wish takes long.
        case slowPostgres
        /// The standby does not replay what it flushes.
        case pauseReplay
        /// Walsenders read a changed configuration late.
        case lateNames
        /// Most of the peer's beats are lost, and attempts to reach it end at random.
        case loseBeats
        /// The peer's beats, to it and from it, come up to 200 ms late.
        case jitter
        /// The peer says what is not true, of itself and of the others.
        case lie
        /// A packet filter between two peers refuses connections and drops the rest.
        case reject
        /// An operator freezes the shard.
        case freeze
        /// An operator asks for the sync as primary.
        case requestSync
        /// An operator asks for the peer as one place further to the front.
        case requestAsync
        /// Something asks for what cannot be: the wrong peer, another generation, too late, no request at
        /// all.
        case requestNonsense
        /// An operator switches one-node-write mode on; the primary, configured otherwise, leaves it.
        case setAlone
        /// The store loses everything.
        case wipeStore
        /// The store comes back as it was some writes ago.
        case restoreStore
        /// The peer loses its database and its memory.
        case loseDisk
        /// Hardly any room is left for the peer's data: its entry says so, and it does not count as present.
        case fillDisk

        /// Whether it is no fault at all: an operator asks for something.
        var isRequest: Bool { self == .requestSync || self == .requestAsync }

        /// Kinds after which only an operator can help.
        package var isBeyondHealing: Bool {
            switch self {
            case .wipeStore, .restoreStore, .loseDisk: true
            case .killPostgres, .killSitter, .kill, .powerLoss, .stop, .pauseSitter, .pausePostgres,
                .pause, .cutStore, .storeOutage, .expireSession, .loseRequests, .slowRequests,
                .loseReplies, .slowWatches, .isolate, .cutOff, .cut, .cutOneWay, .slowLink,
                .cutClients,
                .slowMemory,
                .failMemory, .jumpClock, .cancelWaits, .failPostgres, .slowPostgres, .pauseReplay,
                .lateNames, .loseBeats, .jitter, .lie, .reject, .freeze, .requestSync,
                .requestAsync, .requestNonsense, .setAlone, .fillDisk:
                false
            }
        }
    }

    /// Whom it hits; roles are looked up in the store's state when it hits.
    package enum Target: Hashable, Sendable, CustomStringConvertible {
        /// Whoever is primary.
        case primary
        /// Whoever is sync.
        case sync
        /// Whoever is the first async.
        case async
        /// The peer with this index.
        case peer(Int)

        /// As a script says it: `primary`, `sync`, `async`, or the peer's letter.
        package var description: String {
            switch self {
            case .primary: "primary"
            case .sync: "sync"
            case .async: "async"
            case .peer(let index): PeerName.of(index)
            }
        }

        init?(_ text: some StringProtocol) {
            switch text {
            case "primary": self = .primary
            case "sync": self = .sync
            case "async": self = .async
            default:
                guard let index = PeerName.index(text) else { return nil }
                self = .peer(index)
            }
        }
    }

    /// What a fault can lie in wait for: the moments at which a protocol is most fragile.
    package enum Moment: String, Hashable, Sendable, CaseIterable {
        /// A write of the state is sent.
        case proposal
        /// Acknowledgements are stopped and the log is sampled.
        case sample
        /// A new generation is in the store.
        case declaration
        /// A standby has been promoted.
        case promotion
        /// A server runs as primary and admits nobody yet.
        case start
        /// Clients are admitted.
        case opening
        /// A copy begins.
        case copy
        /// A peer lost its session.
        case absence
        /// A handover is announced.
        case announcement
        /// A primary has told where its log ends.
        case finalPosition
    }

    /// When it hits, or begins to lie in wait.
    package var time: SimulatedTime
    /// What it lies in wait for; nil if it hits at its time.
    package var moment: Moment?
    /// What happens.
    package var kind: Kind
    /// Whom it hits.
    package var target: Target
    /// The other end, where there is one.
    package var other: Target
    /// How long it lasts, or how far a clock jumps.
    package var span: SimulatedTime

    /// A fault of this kind.
    package init(
        at time: SimulatedTime,
        _ kind: Kind,
        _ target: Target,
        other: Target = .primary,
        for span: SimulatedTime,
        after moment: Moment? = nil
    ) {
        self.time = time
        self.moment = moment
        self.kind = kind
        self.target = target
        self.other = other
        self.span = span
    }

    /// Reads what `description` prints.
    package init?(_ line: some StringProtocol) {
        let words = line.split(separator: " ")
        guard words.count == 5 || words.count == 6, let time = SimulatedTime(text: words[0]),
            let kind = Kind(rawValue: String(words[1])), let target = Target(words[2]),
            let other = Target(words[3]), let span = SimulatedTime(text: words[4])
        else { return nil }
        self.init(at: time, kind, target, other: other, for: span)
        guard words.count == 6 else { return }
        guard let moment = Moment(rawValue: String(words[5])) else { return nil }
        self.moment = moment
    }

    /// One line of a script: time, kind, target, other end, span, and what it lies in wait for.
    package var description: String {
        "\(time) \(kind.rawValue) \(target) \(other) \(span)\(moment.map { " \($0.rawValue)" } ?? "")"
    }
}

extension SimulatedTime {
    /// Reads what `description` prints, milliseconds at the finest.
    init?(text: some StringProtocol) {
        guard text.hasSuffix("s") else { return nil }
        let parts = text.dropLast().split(separator: ".")
        guard parts.count == 2, parts[1].count == 3, let seconds = Int64(parts[0]),
            let milliseconds = Int64(parts[1])
        else { return nil }
        self = .milliseconds(seconds * 1000 + milliseconds)
    }
}

/// The letters by which a history calls its peers.
enum PeerName {
    static let all = ["A", "B", "C", "D", "E", "F", "G"]

    static func of(_ index: Int) -> String { all[index] }

    static func index(_ text: some StringProtocol) -> Int? { all.firstIndex { $0 == text } }
}
