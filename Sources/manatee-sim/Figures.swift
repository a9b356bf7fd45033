import ManateeSimulation

/// The figures of an exploration, for a reader and as JSON.
struct Figures {
    private let found: Exploration
    private let milliseconds: Int64

    init(_ found: Exploration, elapsed: Duration) {
        self.found = found
        let (seconds, attoseconds) = elapsed.components
        milliseconds = max(1, seconds * 1000 + attoseconds / 1_000_000_000_000_000)
    }

    private var rate: Int64 { Int64(found.histories) * 1000 / milliseconds }

    private var hours: String {
        let tenths = found.tally.time.microseconds / 360_000_000
        return "\(tenths / 10).\(tenths % 10)"
    }

    private var faults: Int { found.tally.faults.reduce(0, +) }

    var text: String {
        let tally = found.tally
        return """
            \(found.histories) histories, \(tally.steps) steps, \(hours) simulated hours, \
            \(rate) histories per second
            \(faults) faults, \(tally.generations) generations, \(tally.takeovers) takeovers \
            (\(tally.handovers) of them handed over), \(tally.rejoined) rejoined
            \(tally.onEvidence) changes on evidence alone; \(tally.falseChanges) false ones in \
            \(tally.calmHistories) histories of short delays and stops
            \(tally.writes) writes: \(tally.acknowledged) acknowledged, \(tally.unknown) in doubt; \
            \(tally.refused) requests refused
            \(tally.reads) reads of a primary, \(tally.staleReads) of them stale, the worst by \
            \(tally.worstStaleness), by \(tally.worstBoundedStaleness) where the bound holds
            slowest healing \(tally.worstHealing); \(tally.needingOperator) histories left to an \
            operator
            \(found.failures.count) violations
            """
    }

    var json: String {
        let tally = found.tally
        let kinds = Fault.Kind.allCases.enumerated()
            .map { JSONText.member($1.rawValue, tally.faults[$0]) }
        return JSONText.object([
            JSONText.member("histories", found.histories),
            JSONText.member("steps", tally.steps),
            "\"faults\":\(JSONText.object(kinds))",
            JSONText.member("generations", tally.generations),
            JSONText.member("takeovers", tally.takeovers),
            JSONText.member("handovers", tally.handovers),
            JSONText.member("rejoined", tally.rejoined),
            JSONText.member("changesOnEvidence", tally.onEvidence),
            JSONText.member("calmHistories", tally.calmHistories),
            JSONText.member("falseChanges", tally.falseChanges),
            JSONText.member("writes", tally.writes),
            JSONText.member("acknowledgedWrites", tally.acknowledged),
            JSONText.member("unknownWrites", tally.unknown),
            JSONText.member("reads", tally.reads),
            JSONText.member("staleReads", tally.staleReads),
            JSONText.member(
                "worstStalenessMilliseconds",
                Int(tally.worstStaleness.microseconds / 1000)
            ),
            JSONText.member(
                "worstBoundedStalenessMilliseconds",
                Int(tally.worstBoundedStaleness.microseconds / 1000)
            ),
            JSONText.member(
                "slowestHealingMilliseconds",
                Int(tally.worstHealing.microseconds / 1000)
            ),
            JSONText.member("needingOperator", tally.needingOperator),
            "\"simulatedHours\":\(hours)",
            JSONText.member("violations", found.failures.count),
            "\"failedSeeds\":[\(found.failures.prefix(100).map { "\($0.seed)" }.joined(separator: ","))]",
            JSONText.member("historiesPerSecond", Int(rate)),
        ])
    }
}

/// JSON of names and numbers that need no escaping.
enum JSONText {
    static func member(_ name: String, _ number: Int) -> String { "\"\(name)\":\(number)" }

    static func member(_ name: String, _ text: String) -> String {
        let escaped = text.split(separator: "\"", omittingEmptySubsequences: false)
            .joined(separator: "'")
        return "\"\(name)\":\"\(escaped)\""
    }

    static func object(_ members: [String]) -> String { "{\(members.joined(separator: ","))}" }
}
