import ManateeBench
import Testing

@Suite("The table of a steady state")
struct SteadyTableTests {
    @Test("shows who uses most, and the middle of the ratios of slices that ran in turn")
    func rows() {
        let result = SteadyResult(
            system: "manatee",
            profile: "p",
            coldStartMilliseconds: 2340,
            idle: [
                .init(role: "primary", processorPercent: 0.31, residentMiB: 37),
                .init(role: "sync", processorPercent: 0.42, residentMiB: 36.5),
            ],
            loaded: [.init(role: "primary", processorPercent: 1.5, residentMiB: 38.24)],
            storeRequestsPerMinute: 90,
            storeWritesPerMinute: 0,
            transactions: [900, 1100, 1000],
            plainTransactions: [1000, 1000, 1010],
            latencies: [4, 4.4, 4.2],
            plainLatencies: [4, 4, 4]
        )
        #expect(
            SteadyTable([result]).markdown.split(separator: "\n").suffix(1) == [
                "| manatee p | 2.3 s | 0.42 % | 1.50 % | 37.0 MiB | 38.2 MiB | 90.0 a minute "
                    + "| 0.0 a minute | 1000.0 | 1000.0 | 0.990 | 1.050 |"
            ]
        )
    }
}
