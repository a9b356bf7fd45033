package import ManateeCore

/// What store and postgres servers of a shard say at one moment.
package struct ShardStatus: Equatable, Sendable {
    /// One downstream peer as its upstream's `pg_stat_replication` shows it.
    package struct Link: Hashable, Sendable {
        /// The downstream peer's id.
        package var downstream: String
        /// `streaming`, `catchup` and so on.
        package var state: String
        /// `sync`, `async`, `potential` or `quorum`.
        package var syncState: String

        /// A link of these properties.
        package init(downstream: String, state: String, syncState: String) {
            self.downstream = downstream
            self.state = state
            self.syncState = syncState
        }
    }

    /// The cluster state; nil if there is none.
    package var state: ClusterState?
    /// The peers that stand for election.
    package var present: [PeerID]
    /// Who streams from whom; a peer whose postgres did not answer is missing.
    package var links: [PeerID: [Link]]
    /// Whether an application could begin a writing transaction on the primary.
    package var isWritable: Bool

    /// A status of these facts.
    package init(
        state: ClusterState?,
        present: [PeerID],
        links: [PeerID: [Link]],
        isWritable: Bool
    ) {
        self.state = state
        self.present = present
        self.links = links
        self.isWritable = isWritable
    }

    /// Whether `peer` has a place in the chain and streams from the one before it.
    package func streams(_ peer: PeerID) -> Bool {
        guard let chain = state?.chain.map(\.id), let place = chain.firstIndex(of: peer), place > 0
        else { return false }
        return links[chain[place - 1]]?.contains {
            $0.downstream == peer.text && $0.state == "streaming"
        } ?? false
    }

    /// What is missing from a whole shard of `peers` peers; empty if nothing is.
    package func problems(expecting peers: Int) -> [String] {
        guard let state else { return ["there is no cluster state"] }
        var problems: [String] = []
        if state.chain.count != peers {
            problems.append("the chain has \(state.chain.count) of \(peers) peers")
        }
        problems += state.deposed.map { "\($0.id) is deposed" }
        problems += state.chain.map(\.id).filter { !present.contains($0) }.map { "\($0) is absent" }
        problems += state.chain.dropFirst().map(\.id).filter { !streams($0) }.map {
            "\($0) does not stream"
        }
        if let sync = state.sync, streams(sync.id), !isSynchronous(sync.id, of: state.primary.id) {
            problems.append("no commit waits for the sync \(sync.id)")
        }
        if !isWritable { problems.append("the primary \(state.primary.id) admits no writes") }
        return problems
    }

    private func isSynchronous(_ sync: PeerID, of primary: PeerID) -> Bool {
        links[primary]?.contains { $0.downstream == sync.text && $0.syncState == "sync" } ?? false
    }

    /// The shard in one line: who is what, and what is missing.
    package func line(expecting peers: Int) -> String {
        guard let state else { return "no cluster state yet; present: \(names(present))" }
        let problems = problems(expecting: peers)
        return "generation \(state.generation): primary \(state.primary.id), "
            + "sync \(state.sync?.id.text ?? "-"), async \(names(state.async.map(\.id)))"
            + (state.deposed.isEmpty ? "" : ", deposed \(names(state.deposed.map(\.id)))")
            + (problems.isEmpty ? "; healthy" : "; \(problems.joined(separator: "; "))")
    }

    private func names(_ peers: [PeerID]) -> String {
        peers.isEmpty ? "-" : peers.map(\.text).joined(separator: " ")
    }
}
