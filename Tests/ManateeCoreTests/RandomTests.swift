import Testing

@Suite("Whatever happens")
struct RandomTests {
    /// A failing seed prints the verbs that led there: put them into a transcript.
    @Test(arguments: 0..<8)
    func `the invariants hold, and the peer settles once everything works`(_ batch: Int) {
        for number in 0..<50 {
            let seed = UInt64(batch * 50 + number)
            var run = RandomRun(seed: seed)
            let problems = run.run(steps: 60)
            #expect(problems.isEmpty, "seed \(seed):\n\(problems.joined(separator: "\n"))")
        }
    }
}
