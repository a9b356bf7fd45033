/// The results of all runs, a row for each fault and system.
package struct FaultTable: Sendable {
    private let results: [FaultResult]

    /// The table of `results`.
    package init(_ results: [FaultResult]) {
        self.results = results
    }

    /// The table in Markdown, times in seconds as median / worst of the runs that did not fail; the ratio is
    /// that of the medians of the write gaps to the first system's.
    package var markdown: String {
        var lines = [
            "| fault | system | runs | failed | first gap | write gap | read gap | protected again | rejoin | lost "
                + "| two primaries | ratio |",
            "|---|---|---|---|---|---|---|---|---|---|---|---|",
        ]
        for fault in Fault.allCases {
            let ofFault = results.filter { $0.fault == fault }
            var reference: Double?
            for name in ofFault.map(\.title).unique {
                let all = ofFault.filter { $0.title == name }
                let rows = all.filter { $0.failure == nil }
                let gap = rows.map(\.writeGapMilliseconds).median
                if reference == nil { reference = gap }
                let ratio = gap.flatMap { gap in reference.map { gap / max($0, 1) } }
                let cells = [
                    fault.rawValue, name, String(all.count), String(all.count - rows.count),
                    rows.compactMap(\.firstGapMilliseconds).map(Optional.init).summary,
                    rows.map(\.writeGapMilliseconds).summary,
                    rows.map(\.readGapMilliseconds).summary,
                    rows.map(\.restoredMilliseconds).summary,
                    rows.map(\.rejoinMilliseconds).summary,
                    "\(rows.map(\.lost).reduce(0, +)) of \(rows.map(\.acknowledged).reduce(0, +))",
                    String(rows.map(\.twoPrimaries).reduce(0, +)),
                    ratio.map { $0.rounded(toTenths: 1) } ?? "-",
                ]
                lines.append("| " + cells.joined(separator: " | ") + " |")
            }
        }
        return lines.joined(separator: "\n")
    }
}

extension FaultResult {
    fileprivate var title: String { "\(system) \(profile)" }
}

extension [String] {
    /// Each once, in the order of its first appearance.
    fileprivate var unique: [String] {
        reduce(into: []) { if !$0.contains($1) { $0.append($1) } }
    }
}

extension [Int?] {
    /// The middle of the values that are there.
    fileprivate var median: Double? {
        let sorted = compactMap(\.self).sorted()
        guard !sorted.isEmpty else { return nil }
        let middle = sorted.count / 2
        return sorted.count.isMultiple(of: 2)
            ? Double(sorted[middle - 1] + sorted[middle]) / 2 : Double(sorted[middle])
    }

    /// Median / worst in seconds; `never` counts those that are missing though others are there.
    fileprivate var summary: String {
        guard let median, let worst = compactMap(\.self).max() else { return "-" }
        let missing = count { $0 == nil }
        return "\((median / 1000).rounded(toTenths: 2)) / "
            + (Double(worst) / 1000).rounded(toTenths: 2)
            + (missing == 0 ? "" : " (\(missing) never)")
    }
}

extension Double {
    /// The number with so many digits behind the point.
    func rounded(toTenths digits: Int) -> String {
        let scale = (0..<digits).reduce(1) { scale, _ in scale * 10 }
        let whole = Int((self * Double(scale)).rounded())
        let rest = String(whole % scale)
        return "\(whole / scale)." + String(repeating: "0", count: digits - rest.count) + rest
    }
}
