package import ManateeCore

/// One thing that is wrong with a cluster.
package struct ClusterIssue: Equatable, Sendable {
    /// How bad an issue is.
    package enum Level: String, Sendable {
        /// Writes fail, or the next failure would stop them.
        case error
        /// The cluster has less redundancy than it should.
        case warning
    }

    /// What is wrong.
    package enum Kind: Equatable, Sendable {
        /// The postgres of a peer that must answer does not.
        case notQueryable(MemberRole, Peer, cause: String)
        /// A peer's disk is full, or nearly so.
        case noSpace(Peer, String)
        /// One-node-write mode is meant for one peer.
        case peersInSingletonMode(Int)
        /// Outside one-node-write mode nobody can acknowledge without a sync.
        case noSync
        /// A former primary has not been reconciled.
        case deposedPeer
        /// Nobody could become sync after a takeover.
        case noAsyncs
        /// Nobody streams from a peer that should have a downstream.
        case downstreamMissing(Peer)
        /// Somebody else than the downstream streams from the peer.
        case wrongDownstream(Peer, expected: String, found: String)
        /// The downstream is connected but does not stream yet.
        case notStreaming(Peer, state: String)
        /// The downstream's commits count differently from what its role asks for.
        case wrongSyncState(Peer, expected: MemberRole, found: String)
    }

    /// How bad it is.
    package var level: Level
    /// What is wrong.
    package var kind: Kind

    /// An issue of this level.
    package init(_ level: Level, _ kind: Kind) {
        self.level = level
        self.kind = kind
    }

    /// The issue in one line; a cause of several lines is cut after the first.
    package var message: String {
        let whole = text
        guard let end = whole.firstIndex(where: \.isNewline) else { return whole }
        return whole[..<end] + "..."
    }

    private var text: String {
        switch kind {
        case .notQueryable(let role, let peer, let cause):
            "cannot query postgres on \(role.rawValue): peer \"\(peer.label)\": \(cause)"
        case .noSpace(let peer, let words):
            "peer \"\(peer.label)\" has no space: \(words)"
        case .peersInSingletonMode(let count):
            "found \(count) peers in singleton mode"
        case .noSync:
            "cluster has no sync peer"
        case .deposedPeer:
            "cluster has a deposed peer"
        case .noAsyncs:
            "cluster has no async peers"
        case .downstreamMissing(let upstream):
            "peer \"\(upstream.label)\": downstream replication peer not connected"
        case .wrongDownstream(let upstream, let expected, let found):
            "peer \"\(upstream.label)\": expected downstream peer to be \"\(expected)\", "
                + "but found \"\(found)\""
        case .notStreaming(let upstream, let state):
            "peer \"\(upstream.label)\": downstream replication not yet established "
                + "(expected state \"streaming\", found \"\(state)\")"
        case .wrongSyncState(let upstream, let expected, let found):
            "peer \"\(upstream.label)\": expected downstream replication to be "
                + "\"\(expected.rawValue)\", but found \"\(found)\""
        }
    }

    /// The issue as a line of output, for example `warning: cluster has no async peers`.
    package var line: String { line(.none) }

    /// The same with the level in colour.
    package func line(_ paint: Paint) -> String {
        switch level {
        case .error: paint("\(level.rawValue):", .bad) + " \(message)"
        case .warning: paint("\(level.rawValue):", .doubtful) + " \(message)"
        }
    }
}
