import ManateeCore
package import ManateeJournal

/// A shard's history as a table: one row per write of the cluster state.
package struct HistoryTable: Sendable {
    /// Whether a last column says what happened.
    package var verbose: Bool

    /// A table with or without the column that says what happened.
    package init(verbose: Bool) {
        self.verbose = verbose
    }

    /// The table of `records`, in their order, with what is told of the role change that led to each of
    /// them below it.
    package func text(_ records: [HistoryRecord], _ changes: [RoleChangeRecord?] = []) -> String {
        let earlier = [nil] + records.dropLast().map { Optional($0) }
        let rows = zip(records, earlier).map { record, previous in
            let values = [Timestamp(milliseconds: record.milliseconds).text] + facts(record.content)
            let summary = HistoryAnnotation(of: record, after: previous).text
            return verbose ? values + [summary] : values
        }
        let notes = changes.map { $0.map { RoleChangeText(record: $0).lines } ?? "" }
        return Table(columns: columns, rows: rows, notes: notes).text()
    }

    private var columns: [Table.Column] {
        let facts = [
            Table.Column("TIME", width: 24),
            Table.Column("G#", width: 2, alignment: .right),
            Table.Column("MODE", width: 5),
            Table.Column("FRZ", width: 3),
            Table.Column("PRIMARY", width: 8),
            Table.Column("SYNC", width: 8),
            Table.Column("ASYNC", width: 8),
            Table.Column("DEPOSED", width: 8),
        ]
        return verbose ? facts + [Table.Column("SUMMARY", width: 0)] : facts
    }

    private func facts(_ content: HistoryRecord.Content) -> [String] {
        switch content {
        case .version1, .unreadable:
            [String](repeating: "-", count: 7)
        case .state(let state):
            [
                state.generation.description,
                state.oneNodeWriteMode ? "singl" : "multi",
                state.freeze == nil ? "-" : "frz",
                state.primary.label,
                state.sync?.label ?? "-",
                list(state.async),
                list(state.deposed),
            ]
        }
    }

    private func list(_ peers: [Peer]) -> String {
        peers.isEmpty ? "-" : peers.map(\.label).joined(separator: ",")
    }
}
