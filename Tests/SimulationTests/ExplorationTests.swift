import ManateeCore
import ManateeSimulation
import Testing

@Suite("Histories")
struct ExplorationTests {
    @Test(arguments: 1...60 as ClosedRange<UInt64>)
    func `break no rule`(seed: UInt64) {
        let violation = Outcome(of: Plan(seed: seed)).violation
        #expect(violation == nil, "seed \(seed)")
    }

    @Test func `break no rule with seeds that nobody has tried`() {
        var system = SystemRandomNumberGenerator()
        let first = UInt64.random(in: 1_000_000...1_000_000_000, using: &system)
        let clock = ContinuousClock()
        let end = clock.now + .seconds(12)
        var seed = first
        while clock.now < end {
            let violation = Outcome(of: Plan(seed: seed)).violation
            #expect(violation == nil, "seed \(seed): keep its script in Regressions/")
            seed += 1
        }
        #expect(seed > first)
    }

    @Test func `see faults, takeovers and acknowledged writes`() {
        var exploration = Exploration()
        for seed in 1...60 as ClosedRange<UInt64> { exploration.run(seed: seed) }
        #expect(exploration.tally.takeovers > 5)
        #expect(exploration.tally.rejoined > 5)
        #expect(exploration.tally.acknowledged > 1000)
        #expect(exploration.tally.faults.reduce(0, +) > 50)
    }

    @Test func `with any one fault before any decision break no rule`() {
        var exhaustion = Exhaustion()
        exhaustion.run(faults: 1, first: Array(Exhaustion.catalogue.indices))
        #expect(exhaustion.histories == Exhaustion.catalogue.count)
        #expect(exhaustion.violations.isEmpty)
    }

    @Test func `of nothing but a store outage change nothing`() {
        let outages = [
            Fault(at: .seconds(6), .storeOutage, .primary, for: .seconds(9)),
            Fault(at: .seconds(18), .storeOutage, .primary, for: .seconds(2)),
        ]
        for seed in 1...10 as ClosedRange<UInt64> {
            var plan = Plan(seed: seed)
            plan.faults = outages
            let outcome = Outcome(of: plan)
            #expect(outcome.violation == nil)
            #expect(outcome.tally.generations == 1)
        }
    }
}
