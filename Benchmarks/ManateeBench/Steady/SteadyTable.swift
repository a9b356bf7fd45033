/// What clusters cost while nothing happens to them, a row for each.
package struct SteadyTable: Sendable {
    private let results: [SteadyResult]

    /// The table of `results`.
    package init(_ results: [SteadyResult]) {
        self.results = results
    }

    /// The table in Markdown: processor and memory of the daemon that uses most, transactions per second of
    /// the middle slice, and the middle of the ratios to the hand-made pair's.
    package var markdown: String {
        let lines = [
            "| system | cold start | idle | loaded | memory idle | loaded | store requests | store writes "
                + "| transactions | hand-made | ratio | latency ratio |",
            "|---|---|---|---|---|---|---|---|---|---|---|---|",
        ]
        return (lines + results.map(row(of:))).joined(separator: "\n")
    }

    private func row(of result: SteadyResult) -> String {
        let cells = [
            "\(result.system) \(result.profile)",
            "\((Double(result.coldStartMilliseconds) / 1000).rounded(toTenths: 1)) s",
            "\(result.idle.most(\.processorPercent).rounded(toTenths: 2)) %",
            "\(result.loaded.most(\.processorPercent).rounded(toTenths: 2)) %",
            "\(result.idle.most(\.residentMiB).rounded(toTenths: 1)) MiB",
            "\(result.loaded.most(\.residentMiB).rounded(toTenths: 1)) MiB",
            "\(result.storeRequestsPerMinute.rounded(toTenths: 1)) a minute",
            "\(result.storeWritesPerMinute.rounded(toTenths: 1)) a minute",
            result.transactions.middle.rounded(toTenths: 1),
            result.plainTransactions.middle.rounded(toTenths: 1),
            Self.ratio(result.transactions, result.plainTransactions),
            Self.ratio(result.latencies, result.plainLatencies),
        ]
        return "| " + cells.joined(separator: " | ") + " |"
    }

    /// The middle of the ratios of slices that ran one after the other.
    private static func ratio(_ ours: [Double], _ theirs: [Double]) -> String {
        zip(ours, theirs).map { $0 / $1 }.middle.rounded(toTenths: 3)
    }
}

extension [SteadyResult.Daemon] {
    fileprivate func most(_ figure: KeyPath<SteadyResult.Daemon, Double>) -> Double {
        map { $0[keyPath: figure] }.max() ?? 0
    }
}

extension [Double] {
    /// The median; 0 if there is nothing.
    fileprivate var middle: Double {
        let sorted = sorted()
        guard !sorted.isEmpty else { return 0 }
        let half = sorted.count / 2
        return sorted.count.isMultiple(of: 2)
            ? (sorted[half - 1] + sorted[half]) / 2 : sorted[half]
    }
}
