import ManateeCore

/// What happened in a history, in numbers.
package struct Tally: Equatable, Sendable {
    /// Occurrences that were handled.
    package var steps = 0
    /// Writes that clients tried.
    package var writes = 0
    /// Writes that were acknowledged.
    package var acknowledged = 0
    /// Writes whose end the client does not know.
    package var unknown = 0
    /// Requests that were refused.
    package var refused = 0
    /// Reads that primaries answered.
    package var reads = 0
    /// Reads that missed a write acknowledged before they began.
    package var staleReads = 0
    /// The oldest of them: how long the missed write had been acknowledged.
    package var worstStaleness = SimulatedTime.zero
    /// The oldest for which the bound holds, because the sitter was able to shut the gate.
    package var worstBoundedStaleness = SimulatedTime.zero
    /// Generations declared.
    package var generations = 0
    /// Takeovers among them.
    package var takeovers = 0
    /// Changes of a pair on evidence alone, while the peer that was replaced still stood for election.
    package var onEvidence = 0
    /// Histories with nothing but delays and stops shorter than the limits.
    package var calmHistories = 0
    /// Changes of a pair in those: each is a false one.
    package var falseChanges = 0
    /// Takeovers among them after which nobody was deposed.
    package var handovers = 0
    /// Peers that left the deposed list.
    package var rejoined = 0
    /// Faults that hit, by kind.
    package var faults: [Int] = Array(repeating: 0, count: Fault.Kind.allCases.count)
    /// Simulated time.
    package var time = SimulatedTime.zero
    /// How long the shard took to heal.
    package var worstHealing = SimulatedTime.zero
    /// Histories that only an operator could end.
    package var needingOperator = 0

    /// Nothing yet.
    package init() {}

    /// Adds the numbers of another history.
    package mutating func add(_ other: Tally) {
        steps += other.steps
        writes += other.writes
        acknowledged += other.acknowledged
        unknown += other.unknown
        refused += other.refused
        reads += other.reads
        staleReads += other.staleReads
        worstStaleness = max(worstStaleness, other.worstStaleness)
        worstBoundedStaleness = max(worstBoundedStaleness, other.worstBoundedStaleness)
        generations += other.generations
        takeovers += other.takeovers
        onEvidence += other.onEvidence
        calmHistories += other.calmHistories
        falseChanges += other.falseChanges
        handovers += other.handovers
        rejoined += other.rejoined
        for index in faults.indices { faults[index] += other.faults[index] }
        time = time + other.time
        worstHealing = max(worstHealing, other.worstHealing)
        needingOperator += other.needingOperator
    }
}
