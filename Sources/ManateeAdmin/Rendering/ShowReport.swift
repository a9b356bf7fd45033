import ManateeCore

/// What `show` prints: the cluster in a few lines, its peers, and what is wrong.
package struct ShowReport: Sendable {
    /// The connection string of the store, as the operator gave it.
    package var servers: String
    /// The shard's name.
    package var shard: String
    /// Whether the peers' whole names and addresses are shown too.
    package var verbose: Bool
    /// The colours of the issues.
    package var paint: Paint

    /// A report on the shard called `shard`.
    package init(servers: String, shard: String, verbose: Bool, paint: Paint = .none) {
        self.servers = servers
        self.shard = shard
        self.verbose = verbose
        self.paint = paint
    }

    /// The report for what was found.
    package func text(_ details: ClusterDetails) -> String {
        var parts = [summary(details)]
        if verbose { parts.append(PeerTable(columns: PeerColumn.ofPeers).text(details)) }
        parts.append(PeerTable(columns: PeerColumn.ofStatus).text(details))
        let issues = ClusterVerdict(details).issues
        if !issues.isEmpty { parts.append(issues.map { $0.line(paint) + "\n" }.joined()) }
        return parts.joined(separator: "\n")
    }

    private func summary(_ details: ClusterDetails) -> String {
        let state = details.state
        var facts = [
            ("zookeeper:", servers),
            ("cluster:", shard),
            ("generation:", "\(state.generation) (\(state.initWAL))"),
            ("mode:", state.oneNodeWriteMode ? "singleton (one-node-write)" : "normal"),
        ]
        if let freeze = state.freeze {
            facts.append(("freeze:", "frozen since \(freeze.date ?? "unknown")"))
            facts.append(("freeze info:", freeze.reason ?? "unknown"))
        } else {
            facts.append(("freeze:", "not frozen"))
        }
        return facts.map { label, value in
            label + String(repeating: " ", count: 13 - label.count) + value + "\n"
        }.joined()
    }
}
