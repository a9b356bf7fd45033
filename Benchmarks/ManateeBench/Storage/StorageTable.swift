/// The results of all storages and sizes, a row for each pair.
package struct StorageTable: Sendable {
    private let results: [StorageResult]

    /// The table of `results`.
    package init(_ results: [StorageResult]) {
        self.results = results
    }

    /// The table in Markdown: times in seconds, rates in MiB/s; the ratio is that of the rates, a new peer's
    /// to the plain copy's.
    package var markdown: String {
        var lines = [
            "| storage | database | copied | new peer | MiB/s | by | plain copy | MiB/s | ratio "
                + "| rejoin | by |",
            "|---|---|---|---|---|---|---|---|---|---|---|",
        ]
        for row in rows {
            let build = row.first { $0.measure == .build }
            let plain = row.first { $0.measure == .plainCopy }
            let rejoin = row.first { $0.measure == .rejoin }
            let ratio = build?.rate.flatMap { built in plain?.rate.map { built / $0 } }
            let cells = [
                row[0].storage, "\(row[0].databaseMegabytes) MiB",
                build?.copiedMegabytes.map { "\($0) MiB" } ?? "-",
                Self.text(build?.seconds), Self.text(build?.rate), build?.way ?? "-",
                Self.text(plain?.seconds), Self.text(plain?.rate), Self.text(ratio, digits: 2),
                Self.text(rejoin?.seconds), rejoin?.way ?? "-",
            ]
            lines.append("| " + cells.joined(separator: " | ") + " |")
        }
        return lines.joined(separator: "\n")
    }

    private var rows: [[StorageResult]] {
        results.reduce(into: []) { rows, result in
            let place = rows.firstIndex {
                $0[0].storage == result.storage
                    && $0[0].databaseMegabytes == result.databaseMegabytes
            }
            if let place { rows[place].append(result) } else { rows.append([result]) }
        }
    }

    private static func text(_ value: Double?, digits: Int = 1) -> String {
        value?.rounded(toTenths: digits) ?? "-"
    }
}
