/// Many histories, each from its own seed.
package struct Exploration: Sendable {
    /// A seed whose history broke a rule.
    package struct Failure: Sendable, Equatable {
        /// The seed.
        package var seed: UInt64
        /// The rule that broke.
        package var violation: Violation
    }

    /// What happened in all histories together.
    package private(set) var tally = Tally()
    /// The number of histories.
    package private(set) var histories = 0
    /// Failed histories, by seed.
    package private(set) var failures: [Failure] = []

    /// Nothing explored yet.
    package init() {}

    /// Runs the history of `seed`.
    package mutating func run(seed: UInt64) {
        let outcome = Outcome(of: Plan(seed: seed))
        tally.add(outcome.tally)
        histories += 1
        guard let violation = outcome.violation else { return }
        failures.append(Failure(seed: seed, violation: violation))
    }

    /// Takes in what another exploration found.
    package mutating func add(_ other: Exploration) {
        tally.add(other.tally)
        histories += other.histories
        failures = (failures + other.failures).sorted { $0.seed < $1.seed }
    }
}

/// The search for a seed in which a broken rule is noticed.
package struct MutationCheck: Sendable {
    /// The rule that is broken.
    package let mutation: Mutation
    /// How many seeds were tried.
    package private(set) var tried = 0
    /// The first that noticed; nil if none did.
    package private(set) var caught: Exploration.Failure?

    /// Tries seeds from 1 up to `budget` until one notices.
    package init(_ mutation: Mutation, budget: Int) {
        self.mutation = mutation
        for seed in 1...UInt64(budget) {
            tried += 1
            let outcome = Outcome(of: Plan(seed: seed, mutation: mutation))
            guard let violation = outcome.violation else { continue }
            caught = Exploration.Failure(seed: seed, violation: violation)
            return
        }
    }
}
