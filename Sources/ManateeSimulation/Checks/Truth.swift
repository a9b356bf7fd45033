import ManateeCore

/// What really happened, beside what any peer believes: the checkers' own book.
struct Truth: Sendable {
    /// What a commit's number is worth.
    private struct Promise: Sendable {
        /// The generation in which it was acknowledged or seen; -1 if neither happened.
        var generation = -1
        var isCancelled = false
    }

    private var promises: [Promise] = [Promise()]
    /// The highest generation in which anybody promised anything.
    private(set) var promised = 0
    /// Where each generation began, by its number: how many records, and the last one's identity.
    var starts: [Int: (count: Int, identity: UInt32)] = [:]
    /// The highest generation that was ever declared.
    var highestDeclared = Generation(0)
    /// Timelines that a promotion has started.
    var timelines: Set<UInt32> = []
    /// The generation that was written last.
    var lastDeclared = Generation(0)
    /// The highest generation whose primary was ever promoted or started.
    var highestPromoted = Generation(0)
    /// The first acknowledgement of each generation that had one.
    var firstAcknowledged: [(generation: Generation, time: SimulatedTime)] = []
    /// The newest generation that each peer ever made durable.
    var remembered: [Generation?]
    /// The reign that each peer made durable last.
    var reign: [Reign?]
    /// From which reign each one was declared.
    var parents: [Reign: Reign] = [:]
    var storeWentBack = false
    var diskWasLost = false
    /// When each peer stood for election last; nil while it does.
    private var absentSince: [SimulatedTime?]

    init(peers: Int) {
        absentSince = Array(repeating: .zero, count: peers)
        remembered = Array(repeating: nil, count: peers)
        reign = Array(repeating: nil, count: peers)
    }

    /// The reign of `state`, without what a mutation may hide from a machine.
    static func reign(of state: ClusterState) -> Reign {
        var reign = state.reign
        reign.initWAL = .zero
        return reign
    }

    /// A state took the place of another.
    mutating func declared(_ new: ClusterState, after old: ClusterState) {
        let (later, earlier) = (Self.reign(of: new), Self.reign(of: old))
        if later != earlier { parents[later] = earlier }
    }

    /// Whether `later` is `earlier`, or was declared by a line of declarations that began with it.
    func descends(_ later: Reign, from earlier: Reign) -> Bool {
        var reign: Reign? = later
        while let present = reign, present.generation >= earlier.generation {
            if present == earlier { return true }
            reign = parents[present]
        }
        return false
    }

    mutating func present(_ peer: Int) { absentSince[peer] = nil }

    mutating func absent(_ peer: Int, at time: SimulatedTime) {
        absentSince[peer] = absentSince[peer] ?? time
    }

    /// How long `peer` has not stood for election.
    func absence(of peer: Int, at time: SimulatedTime) -> SimulatedTime {
        absentSince[peer].map { time - $0 } ?? .zero
    }

    private mutating func reach(_ commit: UInt32) {
        while promises.count <= Int(commit) { promises.append(Promise()) }
    }

    /// A client may have been told that `commit` is safe.
    mutating func acknowledged(
        _ commit: UInt32,
        generation: Generation,
        at time: SimulatedTime
    ) {
        reach(commit)
        guard promises[Int(commit)].generation < 0 else { return }
        promises[Int(commit)].generation = generation.number
        promised = max(promised, generation.number)
        if !firstAcknowledged.contains(where: { $0.generation >= generation }) {
            firstAcknowledged.append((generation, time))
        }
    }

    /// A commit whose wait was cancelled promises nothing, whoever sees it.
    mutating func cancelled(_ commit: UInt32) {
        reach(commit)
        promises[Int(commit)].isCancelled = true
    }

    /// A client saw the commits among the first `end` records of `log`: they must stay.
    mutating func seen(_ log: LogCopy, upTo end: Int, generation: Generation) {
        // Everything acknowledged is promised already; only the newest can be news.
        var index = min(end, log.count)
        while index > 0 {
            index -= 1
            let commit = log.records[index].commit
            guard commit > 0 else { continue }
            reach(commit)
            guard promises[Int(commit)].generation < 0 else { return }
            guard !promises[Int(commit)].isCancelled else { continue }
            promises[Int(commit)].generation = generation.number
            promised = max(promised, generation.number)
        }
    }

    /// A commit among the records from `start` on that was promised up to `generation`.
    func promise(in log: LogCopy, from start: Int, upTo generation: Generation) -> UInt32? {
        guard start < log.count else { return nil }
        return log.records[start...].first { record in
            record.commit > 0 && record.commit < promises.count
                && promises[Int(record.commit)].generation >= 0
                && promises[Int(record.commit)].generation <= generation.number
        }?.commit
    }

    /// A commit that was promised up to `generation` and is not in `log`; nil if there is none.
    func missing(in log: LogCopy, upTo generation: Generation) -> UInt32? {
        var isFound = [Bool](repeating: false, count: promises.count)
        for record in log.records where record.commit < promises.count {
            isFound[Int(record.commit)] = true
        }
        for (commit, promise) in promises.enumerated()
        where !isFound[commit] && promise.generation >= 0
            && promise.generation <= generation.number
        {
            return UInt32(commit)
        }
        return nil
    }
}

/// A rule that did not hold.
package struct Violation: Equatable, Sendable, CustomStringConvertible {
    /// The rules that are checked.
    package enum Rule: String, Sendable, CaseIterable {
        /// An acknowledged write, or one that a client saw, is not in a later primary.
        case lostWrite
        /// Two peers can acknowledge at the same time.
        case twoAcknowledgers
        /// An old generation acknowledged something beyond where its successor began.
        case acknowledgedBeyondStart
        /// A commit was acknowledged that is on one disk only.
        case oneDiskOnly
        /// Two promotions started a timeline of the same number.
        case timelineTwice
        /// A generation does not follow its predecessor, or changed without a new number.
        case generation
        /// Somebody other than its own primary declared a generation.
        case foreignDeclaration
        /// A sync took over without everything that its generation began with.
        case takeoverWithoutLog
        /// A takeover for the benefit of a peer that has long been gone.
        case absentCandidate
        /// A peer that knows itself deposed serves clients, or left the list with another log.
        case deposedServes
        /// A frozen shard changed roles, or was unfrozen by a peer.
        case frozenChanged
        /// Fields that nobody knows were lost.
        case unknownFields
        /// A write succeeded against another version than its writer knew.
        case staleWrite
        /// A state older than what its writer remembers was acted on.
        case storeWentBack
        /// The absence of the store alone changed something or stopped somebody.
        case storeOutage
        /// A client read what is older than the bound on stale reads allows.
        case staleRead
        /// An incomplete copy became primary.
        case incompleteCopy
        /// A machine did what the ports forbid, or gave up without need.
        case contract
        /// A peer was replaced that others reach, or although nothing serious was wrong.
        case falseTakeover
        /// Changes on suspicion followed each other too soon.
        case flapping
        /// Two peers lost each other, and writes did not come back although others are well.
        case notResumed
        /// A peer that lacks room has its place still, although others have room.
        case shortKept
        /// A primary that has handed over had not stopped, or runs again.
        case handedOverRunning
        /// A handover left behind what the old primary had.
        case handoverLoses
        /// A primary was deposed that had handed over.
        case handoverDeposes
        /// Requests alone kept clients waiting for too long.
        case handoverPause
        /// The shard did not heal within its bound.
        case notHealed
        /// The verdict on a shard is wrong.
        case wrongVerdict
    }

    /// Which rule.
    package var rule: Rule
    /// When.
    package var time: SimulatedTime
    /// What was seen.
    package var detail: String

    /// Time, rule and what was seen.
    package var description: String { "\(time) \(rule.rawValue): \(detail)" }
}
