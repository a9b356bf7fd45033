/// All histories of three peers with up to a number of faults, each before any of the machines'
/// decisions.
///
/// Delays are fixed, so a history is decided by which fault hits before which decision. From the
/// moment the shard is at rest until healing begins, every fault of the catalogue is tried before
/// every event that any machine is told. Worlds that are equal in everything are explored once.
package struct Exhaustion: Sendable {
    /// How many histories ran to their end.
    package private(set) var histories = 0
    /// How many different worlds a choice was made in.
    package var states: Int { seen.count }
    /// How many choices led to a world that was known.
    package private(set) var repeated = 0
    /// How many things happened.
    package private(set) var steps = 0
    /// Broken rules, each with the faults that led there.
    package private(set) var violations: [String] = []

    private var seen: Set<Int> = []

    /// Nothing explored yet.
    package init() {}

    /// One fault of a history: which of the catalogue, and before which of the machines' decisions.
    package struct Strike: Hashable, Sendable {
        /// The fault's number in the catalogue.
        package var fault: Int
        /// How many events the machines had been told.
        package var decision: Int

        /// The fault before the decision.
        package init(fault: Int, decision: Int) {
            self.fault = fault
            self.decision = decision
        }
    }

    /// The log of the history with these faults, oldest first.
    package static func log(of trail: [Strike]) -> [String] {
        var world = World(plan: .exhaustive, isRecording: true, isConstant: true)
        var rest = trail[...]
        while true {
            while let strike = rest.first, world.decisions == strike.decision,
                world.nextTime.map({ $0 >= Plan.restBegins }) ?? false
            {
                world.strike(strike.fault)
                rest = rest.dropFirst()
            }
            guard world.step() else { return world.log + [world.picture] }
        }
    }

    /// The faults that can come first, by number.
    package static var catalogue: [Fault] { Plan.exhaustive.faults }

    /// Explores all histories with up to `faults` faults.
    ///
    /// - Parameters:
    ///   - faults: how many faults at most.
    ///   - first: the numbers of the faults to begin with; others are left to another exploration.
    package mutating func run(faults: Int, first: [Int]) {
        var world = World(plan: .exhaustive, isConstant: true)
        while let next = world.nextTime, next < Plan.restBegins, world.step() {}
        for choice in first {
            var struck = world
            struck.strike(choice)
            explore(
                struck,
                faults: faults - 1,
                trail: [Strike(fault: choice, decision: world.decisions)]
            )
        }
    }

    private mutating func explore(_ start: World, faults: Int, trail: [Strike]) {
        var world = start
        guard seen.insert(world.digest).inserted else {
            repeated += 1
            return
        }
        let before = world.tally.steps
        var decisions = world.decisions
        while world.step() {
            guard faults > 0, world.decisions != decisions, world.isBefore(Plan.restEnds) else {
                continue
            }
            decisions = world.decisions
            guard seen.insert(world.digest).inserted else {
                repeated += 1
                steps += world.tally.steps - before
                return
            }
            for choice in Plan.exhaustive.faults.indices {
                var struck = world
                struck.strike(choice)
                explore(
                    struck,
                    faults: faults - 1,
                    trail: trail + [Strike(fault: choice, decision: decisions)]
                )
            }
        }
        histories += 1
        steps += world.tally.steps - before
        guard let violation = world.violation else { return }
        let catalogue = Exhaustion.catalogue
        let words = trail.map { strike in
            let fault = catalogue[strike.fault]
            return "\(fault.kind.rawValue) \(fault.target)"
        }
        let numbers = trail.map { "\($0.fault)@\($0.decision)" }.joined(separator: ",")
        violations.append("\(numbers) (\(words.joined(separator: ", "))): \(violation)")
    }

    /// Takes in what another exploration found.
    package mutating func add(_ other: Exhaustion) {
        histories += other.histories
        repeated += other.repeated
        steps += other.steps
        violations += other.violations
        seen.formUnion(other.seen)
    }
}
