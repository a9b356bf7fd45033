import ManateeCore

/// Making a peer's data anew, from the checks to the end.
struct Rebuild {
    /// The peer on this host.
    let peer: any LocalPeer
    /// Its shard.
    let target: ShardTarget
    /// The run of the tool.
    let session: AdmSession
    /// How long each postgres has to answer.
    let limit: Duration

    /// What was found before the request.
    struct Start {
        /// Whether the peer is deposed.
        let isDeposed: Bool
        /// The copy that was made last; nil if there was none.
        fileprivate let earlier: String?
    }

    /// Finds out whether the peer may be rebuilt.
    ///
    /// - Throws: `AdmFailure` if not.
    func check() async throws -> Start {
        let details = try await ClusterLoader(session: session, target: target)
            .load(askingPostgresWithin: nil)
        let isDeposed = try Self.place(of: peer.zoneID, in: details.state)
        do {
            return Start(isDeposed: isDeposed, earlier: try await peer.restore()?.id)
        } catch {
            throw AdmFailure.operation(
                "the sitter of this node does not answer, and only it can rebuild; start it first: "
                    + "\(error)"
            )
        }
    }

    /// Asks the sitter, and waits until the peer streams again.
    ///
    /// - Throws: `AdmFailure` if it cannot be asked, if copies fail again and again, or if nothing
    ///   happens any more.
    func carryOut(_ start: Start, showingOn display: consuming ProgressDisplay) async throws {
        do {
            try peer.requestRebuild()
        } catch {
            throw AdmFailure.operation("cannot ask the sitter to rebuild: \(error)")
        }
        try await RebuildWatch(
            peer: peer,
            target: target,
            session: session,
            limit: limit,
            earlier: start.earlier,
            mustReap: start.isDeposed && peer.waitsForOperator
        ).wait(showingOn: display)
    }

    /// Whether the peer of this zone is deposed.
    ///
    /// - Throws: `AdmFailure` where a rebuild would stop the shard's writes, or cannot end.
    static func place(of zoneID: String, in state: ClusterState) throws(AdmFailure) -> Bool {
        if state.primary.zoneID == zoneID {
            throw AdmFailure.operation("This node is the primary.  Will not rebuild.")
        }
        if state.sync?.zoneID == zoneID {
            throw AdmFailure.operation(
                "this node is the sync, and every commit would wait for it; will not rebuild. "
                    + "Let an async take its place first: manatee-adm promote -r async"
            )
        }
        if state.async.contains(where: { $0.zoneID == zoneID }) { return false }
        if let freeze = state.freeze {
            throw AdmFailure.operation(
                "the shard is frozen, so this node would not be taken back: "
                    + "\(freeze.reason ?? "unknown"); unfreeze it first"
            )
        }
        return state.deposed.contains { $0.zoneID == zoneID }
    }
}
