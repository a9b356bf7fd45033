import ManateeCore

/// All that decides a history: its seed, its world's shape, and what goes wrong when.
package struct Plan: Hashable, Sendable {
    /// Where the world's own chance comes from.
    package var seed: UInt64
    /// The number of peers.
    package var peers: Int
    /// The number of clients.
    package var clients: Int
    /// How long the store waits for a silent peer.
    package var sessionTimeout: SimulatedTime
    /// Whether postgres goes on when its sitter is killed.
    package var postgresSurvivesSitter: Bool
    /// The latest delay between the reload of a configuration and a walsender's reading it.
    package var latestNames: SimulatedTime
    /// How long a primary serves clients without a word from store and sync.
    package var staleReadLimit: SimulatedTime
    /// When all faults end.
    package var healingBegins: SimulatedTime
    /// What goes wrong, by time.
    package var faults: [Fault]
    /// The rule that is broken on purpose; nil if none is.
    package var mutation: Mutation?
    /// What the history is to show.
    package var shape = Shape.swarm

    /// How long after the last fault the shard may take until it is writable.
    package static let healingBound = SimulatedTime.seconds(90)
    /// How long a healed shard is watched.
    package static let watchAfterHealing = SimulatedTime.seconds(4)

    /// The plan that belongs to `seed`, drawn swarm style: each history enables its own few kinds.
    package init(seed: UInt64, mutation: Mutation? = nil) {
        var draw = Generator(seed: seed ^ 0x5EED_5EED)
        self.seed = seed
        self.mutation = mutation
        peers = draw.chance(450) ? 3 : (draw.chance(700) ? 4 : 5)
        if mutation != nil, draw.chance(600) { peers = max(4, peers) }
        clients = 1 + draw.below(4)
        sessionTimeout = draw.milliseconds(1500, 6000)
        postgresSurvivesSitter = draw.chance(500)
        latestNames = draw.chance(500) ? .milliseconds(40) : .milliseconds(800)
        // Drawn apart, so that most seeds keep the histories that they had before there was a limit.
        var apart = Generator(seed: seed ^ 0x57A1E)
        staleReadLimit = apart.milliseconds(3000, 8000)
        healingBegins = draw.milliseconds(14_000, 40_000)
        faults = []
        var kinds = Plan.enabledKinds(&draw, withRequests: mutation == nil)
        if let wanted = mutation?.neededFaults { kinds += wanted }
        let count = 1 + draw.below(mutation == nil ? 12 : 14)
        let begin = SimulatedTime.milliseconds(draw.chance(150) ? 100 : 5000)
        for _ in 0..<count {
            let kind = kinds[draw.below(kinds.count)]
            var fault = Plan.fault(kind, from: begin, peers, healingBegins, &draw)
            if kinds == [.storeOutage] { fault.moment = nil }
            if kinds.allSatisfy(\.isRequest) { fault.moment = nil }
            faults.append(fault)
        }
        if kinds != [.storeOutage] { cutPrimariesOff(from: begin, &apart) }
        if !kinds.allSatisfy({ $0.isRequest || $0 == .storeOutage }) { fillDisks(from: begin) }
        faults.sort { $0.time < $1.time }
        switch mutation {
        case .uncorroborated: becomePartition(&draw)
        case .waitForPrimary: becomeSuccession(&apart)
        case .countShort: becomeShortage(&apart)
        case .spareNobody: becomeLastPair(&apart)
        case .some: break
        case nil where draw.chance(60): becomeCalm(&draw)
        case nil where draw.chance(60): becomePartition(&draw)
        case nil where apart.chance(20): becomeSuccession(&apart)
        case nil where apart.chance(20): becomeShortage(&apart)
        case nil: if apart.chance(20) { becomeLastPair(&apart) }
        }
    }

    /// In one history of six primaries are cut off from everybody but their clients, for long.
    private mutating func cutPrimariesOff(from begin: SimulatedTime, _ draw: inout Generator) {
        let always = mutation == .keepGateOpen || mutation == .noGuard
        guard draw.chance(always ? 1000 : 160) else { return }
        for _ in 0...draw.below(2) {
            let milliseconds =
                draw.between(begin...(healingBegins - .seconds(2))).microseconds / 1000
            let span = draw.milliseconds(4000, 20_000).microseconds / 1000
            faults.append(
                Fault(at: .milliseconds(milliseconds), .cutOff, .primary, for: .milliseconds(span))
            )
        }
    }

    /// In one history of eight disks fill up; drawn apart, so that the others are what they were.
    private mutating func fillDisks(from begin: SimulatedTime) {
        var draw = Generator(seed: seed ^ 0xF111_D15C)
        guard draw.chance(125) else { return }
        for _ in 0...draw.below(3) {
            faults.append(Plan.fault(.fillDisk, from: begin, peers, healingBegins, &draw))
        }
    }

    private static func enabledKinds(
        _ draw: inout Generator,
        withRequests: Bool
    ) -> [Fault.Kind] {
        // One history in twelve sees nothing but a store that goes away: it must change nothing.
        if draw.chance(80) { return [.storeOutage] }
        // One in twenty sees nothing but requests: they must cost no more than a moment each.
        if withRequests, draw.chance(50) { return [.requestSync, .requestSync, .requestAsync] }
        let beyond = draw.chance(40)
        let usual = Fault.Kind.allCases.filter {
            !$0.isBeyondHealing && $0 != .cutOff && $0 != .fillDisk
                && (withRequests || !$0.isRequest && $0 != .setAlone)
        }
        var kinds: [Fault.Kind] = []
        for _ in 0..<(2 + draw.below(6)) { kinds.append(usual[draw.below(usual.count)]) }
        if draw.chance(700) { kinds += [.kill, .killSitter] }
        if withRequests, draw.chance(350) { kinds += [.requestSync, .requestSync, .requestAsync] }
        // Each alone can be survived or is refused; together they leave nobody who remembers.
        if beyond { kinds += draw.chance(500) ? [.loseDisk] : [.wipeStore, .restoreStore] }
        return kinds
    }

    private static func fault(
        _ kind: Fault.Kind,
        from begin: SimulatedTime,
        _ peers: Int,
        _ end: SimulatedTime,
        _ draw: inout Generator
    ) -> Fault {
        let instant = draw.between(begin...max(begin, end - .milliseconds(2000)))
        let time = SimulatedTime(microseconds: instant.microseconds / 1000 * 1000)
        let span =
            draw.chance(500) ? draw.milliseconds(50, 2000) : draw.milliseconds(1000, 12_000)
        let moments = Fault.Moment.allCases
        return Fault(
            at: time,
            kind,
            Plan.target(peers, &draw),
            other: Plan.target(peers, &draw),
            for: SimulatedTime(microseconds: span.microseconds / 1000 * 1000),
            after: draw.chance(500) ? moments[draw.below(moments.count)] : nil
        )
    }

    static func target(_ peers: Int, _ draw: inout Generator) -> Fault.Target {
        switch draw.below(10) {
        case 0..<4: .primary
        case 4..<7: .sync
        case _: .peer(draw.below(peers))
        }
    }

    /// Whether nothing but the absence of the store goes wrong.
    var isOutageOnly: Bool {
        !faults.isEmpty && faults.allSatisfy { $0.kind == .storeOutage }
            && faults.allSatisfy { $0.time >= .seconds(5) && $0.moment == nil }
    }

    /// Whether nothing happens but that operators ask for other places.
    var isRequestsOnly: Bool {
        faults.allSatisfy { $0.kind.isRequest && $0.time >= .seconds(5) && $0.moment == nil }
    }
}

extension Plan: CustomStringConvertible {
    /// A script that `init(script:)` reads: the seed, then one fault per line.
    package var description: String {
        var lines = ["seed \(seed)"]
        if let mutation { lines.append("mutation \(mutation.rawValue)") }
        if shape != .swarm { lines.append("shape \(shape.rawValue)") }
        return (lines + faults.map(\.description)).joined(separator: "\n") + "\n"
    }

    /// Reads a script; the seed gives the world, the lines replace what it would have gone wrong.
    ///
    /// - Parameter script: lines as `description` prints them; `#` begins a comment.
    /// - Throws: if a line cannot be read, or the seed is missing.
    package init(script: String) throws(ScriptError) {
        var seed: UInt64?
        var mutation: Mutation?
        var shape = Shape.swarm
        var faults: [Fault] = []
        for line in script.split(separator: "\n") where !line.hasPrefix("#") {
            let words = line.split(separator: " ")
            if words.count == 2, words[0] == "seed", let number = UInt64(words[1]) {
                seed = number
            } else if words.count == 2, words[0] == "mutation",
                let named = Mutation(rawValue: String(words[1]))
            {
                mutation = named
            } else if words.count == 2, words[0] == "shape",
                let named = Shape(rawValue: String(words[1]))
            {
                shape = named
            } else if let fault = Fault(line) {
                faults.append(fault)
            } else {
                throw .unreadable(String(line))
            }
        }
        guard let seed else { throw .withoutSeed }
        self.init(seed: seed, mutation: mutation)
        self.faults = faults
        self.shape = shape
    }
}

/// Why a script cannot be run.
package enum ScriptError: Error, Equatable, CustomStringConvertible {
    /// A line is neither a seed, a mutation, a shape nor a fault.
    case unreadable(String)
    /// No line gives the seed.
    case withoutSeed

    /// What is wrong, and what is expected.
    package var description: String {
        switch self {
        case .unreadable(let line):
            """
            cannot read "\(line)": expected "seed NUMBER", "mutation NAME", "shape NAME" or \
            "TIME KIND TARGET OTHER SPAN", for example "12.034s kill primary A 2.500s"
            """
        case .withoutSeed: "the script has no line \"seed NUMBER\""
        }
    }
}
