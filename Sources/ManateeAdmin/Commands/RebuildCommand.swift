import ArgumentParser
import ManateeCore

/// `rebuild`: lets the peer on this host make its data anew, and waits until it streams.
struct RebuildCommand: AdmSubcommand {
    static let configuration = CommandConfiguration(
        commandName: "rebuild",
        abstract: "Rebuild this peer from the others.",
        usage: "manatee-adm rebuild [OPTIONS]",
        discussion: """
            Runs on the peer itself, whose sitter runs too and does the work: it goes on if this command \
            is ended. The configuration tells which peer and which shard it is.
            """
    )

    @Flag(name: .shortAndLong, help: "Show no progress.")
    var quiet = false

    @OptionGroup var store: StoreOptions
    @OptionGroup var postgres: ProbeOptions
    @OptionGroup var confirmation: ConfirmOptions
    @OptionGroup var output: OutputOptions

    func execute(in session: AdmSession) async throws -> AdmExit {
        guard let path = store.configurationPath(in: session) else {
            throw AdmFailure.usage("option is required: --config")
        }
        let limit = try postgres.limit()
        let isJSON = try output.isJSON()
        let peer = try localPeer(path, in: session)
        let servers = session.value(of: store.zk, orEnvironment: "ZK_IPS") ?? peer.servers
        let target = ShardTarget(
            store: StoreTarget(servers: servers, configurationPath: path),
            shard: peer.shard
        )
        let details = try await ClusterLoader(session: session, target: target)
            .load(askingPostgresWithin: nil)
        let isDeposed = try place(of: peer, in: details.state)
        let before = try await answer(of: peer)
        try confirmation.confirm(question(isDeposed), in: session)
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
            earlier: before?.id,
            mustReap: isDeposed && peer.waitsForOperator
        ).wait(showingOn: ProgressDisplay(session, isQuiet: quiet))
        try Completion(
            operation: "rebuild",
            shard: target.shard,
            text: "Rebuild successful",
            facts: ["peername": .string(peer.zoneID)]
        ).write(asJSON: isJSON, in: session)
        return .success
    }

    private func localPeer(
        _ path: String,
        in session: AdmSession
    ) throws(AdmFailure) -> any LocalPeer {
        do {
            return try session.ports.localPeer(path)
        } catch {
            throw AdmFailure.operation("\(error)")
        }
    }

    /// Whether the peer is deposed.
    ///
    /// - Throws: `AdmFailure` where a rebuild would stop the shard's writes, or cannot end.
    private func place(of peer: any LocalPeer, in state: ClusterState) throws(AdmFailure) -> Bool {
        if state.primary.zoneID == peer.zoneID {
            throw AdmFailure.operation("This node is the primary.  Will not rebuild.")
        }
        if state.sync?.zoneID == peer.zoneID {
            throw AdmFailure.operation(
                "this node is the sync, and every commit would wait for it; will not rebuild. "
                    + "Let an async take its place first: manatee-adm promote -r async"
            )
        }
        if state.async.contains(where: { $0.zoneID == peer.zoneID }) { return false }
        if let freeze = state.freeze {
            throw AdmFailure.operation(
                "the shard is frozen, so this node would not be taken back: "
                    + "\(freeze.reason ?? "unknown"); unfreeze it first"
            )
        }
        return state.deposed.contains { $0.zoneID == peer.zoneID }
    }

    private func answer(of peer: any LocalPeer) async throws(AdmFailure) -> RestoreProgress? {
        do {
            return RestoreProgress(try StoredJSON.value(try await peer.restore(), "/restore"))
        } catch {
            throw AdmFailure.operation(
                "the sitter of this node does not answer, and only it can rebuild; start it first: "
                    + "\(error)"
            )
        }
    }

    private func question(_ isDeposed: Bool) -> String {
        isDeposed
            ? "This node is deposed: what only it has will not come back. Set its data aside and "
                + "copy everything anew?"
            : "This node's data will be copied anew, and what it has is removed then. Rebuild?"
    }
}
