import ManateeBench
import Testing

@Suite("The table of a benchmark")
struct FaultTableTests {
    private func result(_ system: String, _ run: Int, gap: Int?) -> FaultResult {
        FaultResult(
            system: system,
            profile: "p",
            fault: .killNode,
            run: run,
            writeGapMilliseconds: gap,
            readGapMilliseconds: 10,
            restoredMilliseconds: nil,
            rejoinMilliseconds: 2005,
            acknowledged: 100,
            lost: 0,
            unknown: 1,
            twoPrimaries: 0
        )
    }

    @Test("shows median and worst, who never came back, and the ratio to the first system")
    func rows() {
        let table = FaultTable([
            result("manatee", 1, gap: 300), result("manatee", 2, gap: 500),
            result("manatee", 3, gap: 400), result("patroni", 1, gap: 30_000),
            result("patroni", 2, gap: nil),
        ])
        #expect(
            table.markdown.split(separator: "\n").suffix(2) == [
                "| kill-node | manatee p | 3 | 0 | - | 0.40 / 0.50 | 0.01 / 0.01 | - | 2.01 / 2.01 "
                    + "| 0 of 300 | 0 | 1.0 |",
                "| kill-node | patroni p | 2 | 0 | - | 30.00 / 30.00 (1 never) | 0.01 / 0.01 | - "
                    + "| 2.01 / 2.01 | 0 of 200 | 0 | 75.0 |",
            ]
        )
    }
}
