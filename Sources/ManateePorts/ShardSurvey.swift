package import ManateeCore

/// Looks at the whole shard on behalf of those who ask one sitter.
///
/// Contract: `latest` never waits for a postgres or for the store. Asking keeps the picture fresh for a
/// while; nobody asks anything of the other peers when nobody looks.
package protocol ShardSurvey: Sendable {
    /// The newest picture; nil before the first.
    func latest() async -> ShardPicture?
}

/// What was seen of a whole shard at one moment.
package struct ShardPicture: Equatable, Sendable {
    /// When it was seen.
    package var time: WallTime
    /// What is wrong, in the words of `manatee-adm verify`, worst first.
    package var issues: [Issue]
    /// What was seen of each peer's postgres; a peer that was not asked is absent.
    package var postgres: [PeerID: PostgresSighting]
    /// The past of the shard, oldest first; its end, if it is long.
    package var history: [Chapter]
    /// Why the past could not be read; nil if it was.
    package var historyFailure: String?
    /// How long the store took for a read behind everything that was sent before; nil if it did not
    /// answer.
    package var storeRoundTrip: Duration?
    /// What an explanation is made of, as it was then; nil without a cluster state.
    package var facts: ShardFacts?

    /// One thing that is wrong.
    package struct Issue: Hashable, Sendable {
        /// Whether writes fail, or the next failure would stop them; else redundancy is less than it
        /// should be.
        package var isError: Bool
        /// What is wrong, on one line.
        package var text: String

        /// The issue that reads `text`.
        package init(isError: Bool, text: String) {
            self.isError = isError
            self.text = text
        }
    }

    /// One write of the cluster state.
    package struct Chapter: Equatable, Sendable {
        /// When it was written.
        package var time: WallTime
        /// The state that was written; nil if it cannot be understood.
        package var state: ClusterState?
        /// What it changed, in words; empty if nothing that operators care about.
        package var summary: String

        /// The write of `state` at `time`.
        package init(time: WallTime, state: ClusterState?, summary: String) {
            self.time = time
            self.state = state
            self.summary = summary
        }
    }

    /// A picture of these facts.
    package init(
        time: WallTime,
        issues: [Issue] = [],
        postgres: [PeerID: PostgresSighting] = [:],
        history: [Chapter] = [],
        historyFailure: String? = nil,
        storeRoundTrip: Duration? = nil,
        facts: ShardFacts? = nil
    ) {
        self.time = time
        self.issues = issues
        self.postgres = postgres
        self.history = history
        self.historyFailure = historyFailure
        self.storeRoundTrip = storeRoundTrip
        self.facts = facts
    }
}
