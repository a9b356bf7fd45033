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
        let rebuild = Rebuild(peer: peer, target: target, session: session, limit: limit)
        let start = try await rebuild.check()
        try confirmation.confirm(question(start.isDeposed), in: session)
        try await rebuild.carryOut(start, showingOn: ProgressDisplay(session, isQuiet: quiet))
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

    private func question(_ isDeposed: Bool) -> String {
        isDeposed
            ? "This node is deposed: what only it has will not come back. Set its data aside and "
                + "copy everything anew?"
            : "This node's data will be copied anew, and what it has is removed then. Rebuild?"
    }
}
