/// How one history ended.
package struct Outcome: Sendable {
    /// What decided it.
    package var plan: Plan
    /// What happened, in numbers.
    package var tally: Tally
    /// The first broken rule; nil if all held.
    package var violation: Violation?

    /// Runs the history that belongs to `plan`.
    package init(of plan: Plan) {
        var world = World(plan: plan)
        world.run()
        self.plan = plan
        tally = world.tally
        tally.calmHistories = plan.shape == .calm ? 1 : 0
        violation = world.violation
    }
}
