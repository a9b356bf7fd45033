import ManateeCore
import ManateePorts

/// What is wrong with a cluster, in a fixed order: all errors, then all warnings.
package struct ClusterVerdict: Equatable, Sendable {
    /// The issues in the order of output.
    package let issues: [ClusterIssue]

    /// Judges the cluster.
    package init(_ details: ClusterDetails) {
        var examination = ClusterExamination(details: details)
        examination.examine()
        issues =
            examination.issues.filter { $0.level == .error }
            + examination.issues.filter { $0.level == .warning }
    }

    /// Whether nothing is wrong.
    package var isHealthy: Bool { issues.isEmpty }
}

/// The checks, numbered as operators know them: V1 to V9.
private struct ClusterExamination {
    let details: ClusterDetails
    var issues: [ClusterIssue] = []

    mutating func examine() {
        let state = details.state
        note(unreachable: state.primary, as: .primary)  // V1
        noteShortages()
        if state.oneNodeWriteMode {
            let peers = Set(details.members.map(\.peer)).count
            if peers > 1 { warn(.peersInSingletonMode(peers)) }  // V2
            return
        }
        if let sync = state.sync {
            note(unreachable: sync, as: .sync)  // V3
        } else {
            fail(.noSync)
        }
        if !state.deposed.isEmpty { warn(.deposedPeer) }  // V4
        if state.async.isEmpty { warn(.noAsyncs) }  // V5
        // Behind a sync that does not answer nothing can be said about replication.
        guard let sync = state.sync, cause(of: sync) == nil else { return }
        examineLink(from: state.primary, level: .error, expecting: .sync)
        for upstream in state.chain.dropFirst() {
            examineLink(from: upstream, level: .warning, expecting: .async)
        }
    }

    /// Behind the sync, a full disk takes redundancy only.
    private mutating func noteShortages() {
        let carrying = Set([details.state.primary.id] + (details.state.sync.map { [$0.id] } ?? []))
        for (peer, words) in details.shortages.sorted(by: { $0.key.id.text < $1.key.id.text }) {
            let level = carrying.contains(peer.id) ? ClusterIssue.Level.error : .warning
            issues.append(ClusterIssue(level, .noSpace(peer, words)))
        }
    }

    /// V6 to V9 for the replication from `upstream` to the next peer of the chain.
    private mutating func examineLink(
        from upstream: Peer,
        level: ClusterIssue.Level,
        expecting role: MemberRole
    ) {
        guard let downstream = details.downstream(of: upstream) else { return }
        guard let row = details.downstreamRow(of: upstream) else {
            issues.append(ClusterIssue(level, .downstreamMissing(upstream)))
            return
        }
        var established = true
        if let kind = wrongDownstream(row, of: upstream, expecting: downstream) {
            issues.append(ClusterIssue(level, kind))
            established = false
        }
        let state = row.state ?? "null"
        if state != "streaming" {
            issues.append(ClusterIssue(level, .notStreaming(upstream, state: state)))
            established = false
        }
        let found = row.syncState ?? "null"
        guard established, found != role.rawValue else { return }
        issues.append(ClusterIssue(level, .wrongSyncState(upstream, expected: role, found: found)))
    }

    private func wrongDownstream(
        _ row: ReplicationRow,
        of upstream: Peer,
        expecting downstream: Peer
    ) -> ClusterIssue.Kind? {
        if row.clientAddress != downstream.ip {
            let found = row.clientAddress ?? "a local socket"
            return .wrongDownstream(upstream, expected: downstream.ip, found: found)
        }
        // Peers on one host share their address, so there only the name tells them apart.
        guard let found = details.identify(row), found != downstream else { return nil }
        return .wrongDownstream(upstream, expected: downstream.id.text, found: found.id.text)
    }

    private func cause(of peer: Peer) -> String? {
        guard case .failed(let cause) = details.postgres[peer.id] else { return nil }
        return cause
    }

    private mutating func note(unreachable peer: Peer, as role: MemberRole) {
        guard let cause = cause(of: peer) else { return }
        fail(.notQueryable(role, peer, cause: cause))
    }

    private mutating func fail(_ kind: ClusterIssue.Kind) {
        issues.append(ClusterIssue(.error, kind))
    }

    private mutating func warn(_ kind: ClusterIssue.Kind) {
        issues.append(ClusterIssue(.warning, kind))
    }
}
