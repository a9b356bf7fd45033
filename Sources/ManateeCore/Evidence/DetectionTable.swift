/// What each failure costs until somebody acts on it, as it follows from the limits.
package struct DetectionTable: Hashable, Sendable {
    /// One failure.
    package struct Row: Hashable, Sendable {
        /// What fails.
        package var fault: String
        /// By what it is known.
        package var evidence: String
        /// How long that takes; the change itself comes on top.
        package var after: Duration
    }

    /// One row for each failure.
    package let rows: [Row]

    /// The table for these limits.
    ///
    /// - Parameters:
    ///   - limits: how soon which evidence is acted on.
    ///   - sessionTimeout: how long the store waits for a silent peer.
    package init(_ limits: FailureDetection, sessionTimeout: Duration) {
        rows = [
            Row(
                fault: "postgres of the primary ends, its sitter lives",
                evidence: "its own word",
                after: .zero
            ),
            Row(
                fault: "sitter and postgres of a peer end, its host lives",
                evidence: "both ports refuse",
                after: limits.refusal + limits.knockInterval
            ),
            Row(
                fault: "a postgres restarts itself and does not come back",
                evidence: "its own word",
                after: limits.restartBudget
            ),
            Row(
                fault: "a sync's postgres ends and does not come back",
                evidence: "its own word",
                after: limits.restartBudget
            ),
            Row(
                fault: "the primary's host or network is silent",
                evidence: "silence, and another peer misses it",
                after: limits.silence
            ),
            Row(
                fault: "the sync's host or network is silent",
                evidence: "silence",
                after: limits.silence
            ),
            Row(
                fault: "primary and sync lose each other",
                evidence: "silence at the primary",
                after: limits.silence
            ),
            Row(
                fault: "a sitter ends, its postgres lives",
                evidence: "the election, if no sitter comes back",
                after: sessionTimeout
            ),
            Row(
                fault: "a peer is stopped in order",
                evidence: "it leaves the election",
                after: .zero
            ),
        ]
    }

    /// The table as lines of text, a heading first.
    package var text: String {
        let cells =
            [("failure", "known by", "after")]
            + rows.map {
                ($0.fault, $0.evidence, $0.after == .zero ? "at once" : $0.after.inSeconds)
            }
        let fault = cells.map(\.0.count).max() ?? 0
        let evidence = cells.map(\.1.count).max() ?? 0
        func padded(_ text: String, _ width: Int) -> String {
            text + String(repeating: " ", count: width - text.count)
        }
        return cells.map { "\(padded($0, fault))  \(padded($1, evidence))  \($2)\n" }.joined()
    }
}
