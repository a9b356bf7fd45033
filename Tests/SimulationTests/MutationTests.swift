import ManateeSimulation
import Testing

/// A checker that cannot fail proves nothing: each rule is broken, in a history that is known to show
/// it, and the same history must be whole when the rule holds.
@Suite("A rule that is broken on purpose")
struct MutationTests {
    /// Mutations that show within few seeds; `manatee-sim mutate` tries all of them.
    static let quick: [Mutation] = [
        .unconditionalWrite, .foreignDeclaration, .sampleBeforeDetach, .sampleReplayed,
        .keepGateOpen, .uncorroborated, .waitForPrimary, .countShort, .spareNobody,
        .noFenceOnEvidence, .hasty, .noGuard,
        .namelessStandby, .earlyNames, .trustIncompleteCopy, .hideDeposed, .placeDeposed,
        .trustCancelled,
        .forgetWhatWasSeen, .stopWithoutStore, .hideFreeze, .dropUnknownFields,
    ]

    @Test(arguments: quick) func `is noticed`(mutation: Mutation) throws {
        let caught = try #require(MutationCheck(mutation, budget: 300).caught)
        #expect(Outcome(of: Plan(seed: caught.seed, mutation: mutation)).violation != nil)
        var whole = Plan(seed: caught.seed, mutation: mutation)
        whole.mutation = nil
        #expect(Outcome(of: whole).violation == nil)
    }

    @Test func `shrinks to a script that still shows it`() throws {
        let mutation = Mutation.sampleBeforeDetach
        let caught = try #require(MutationCheck(mutation, budget: 300).caught)
        let plan = Plan(seed: caught.seed, mutation: mutation)
        let small = Shrinking.shrink(plan, breaking: caught.violation.rule)
        #expect(small.faults.count <= plan.faults.count)
        let read = try Plan(script: small.description)
        #expect(read == small)
        #expect(Outcome(of: read).violation?.rule == caught.violation.rule)
    }
}
