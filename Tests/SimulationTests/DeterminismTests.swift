import ManateeSimulation
import Testing

@Suite("A history")
struct DeterminismTests {
    @Test(arguments: [1, 7, 42] as [UInt64])
    func `is the same each time that its seed is run`(seed: UInt64) {
        #expect(log(seed) == log(seed))
    }

    @Test func `is another one for another seed`() {
        #expect(log(1) != log(2))
    }

    private func log(_ seed: UInt64) -> [String] {
        var world = World(plan: Plan(seed: seed), isRecording: true)
        world.run()
        return world.log
    }
}
