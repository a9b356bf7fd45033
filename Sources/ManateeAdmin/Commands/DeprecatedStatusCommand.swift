import ArgumentParser
import ManateeCore
import ManateePorts

/// `status`: all shards as JSON, as the first tool printed them.
struct DeprecatedStatusCommand: AdmSubcommand {
    static let configuration = CommandConfiguration(
        commandName: "status",
        abstract: "Show the status of all shards as JSON (deprecated).",
        usage: "manatee-adm status [OPTIONS]"
    )

    @OptionGroup var shard: ShardOptions
    @OptionGroup var postgres: ProbeOptions
    @OptionGroup var output: OutputOptions

    @Flag(
        name: [.customShort("l"), .customLong("legacyOrderMode")],
        help: "Take the roles from the order of the election, as Manatee 1 did."
    )
    var legacyOrderMode = false

    /// What the store holds about a shard.
    private struct Finding: Sendable {
        /// Nil in legacy mode if no peer stands for election.
        var details: ClusterDetails?
        var version1Error: [UInt8]?
    }

    func execute(in session: AdmSession) async throws -> AdmExit {
        let store = try shard.store.target(in: session)
        let limit = try postgres.limit()
        // The text is JSON already.
        _ = try output.isJSON()
        let named = try shard.optionalTarget(in: session)
        try session.remark(
            "manatee-adm: \"status\" is deprecated; use \"show\", \"peers\", \"pg-status\" or "
                + "\"verify\", each with --json\n"
        )
        var shards: [String: JSONValue] = [:]
        var exit = AdmExit.success
        for target in try await targets(named, store, session) {
            do {
                shards[target.shard] = try await status(target, limit, session)
            } catch AdmFailure.operation(let why) where named == nil {
                // One shard that cannot be read must not hide the others.
                try session.remark("manatee-adm: error: \(why)\n")
                shards[target.shard] = .object(["error": .string(why)])
                exit = .failure
            }
        }
        try session.write(DeprecatedStatusJSON.line(shards))
        return exit
    }

    private func targets(
        _ named: ShardTarget?,
        _ store: StoreTarget,
        _ session: AdmSession
    ) async throws -> [ShardTarget] {
        if let named { return [named] }
        let names = try await session.withStore(store) { try await $0.shardNames() }
        return names.map { ShardTarget(store: store, shard: $0) }
    }

    private func status(
        _ target: ShardTarget,
        _ limit: Duration,
        _ session: AdmSession
    ) async throws -> JSONValue {
        let loader = ClusterLoader(session: session, target: target)
        var finding = try await session.withShard(target) { shard in
            guard legacyOrderMode else { return Finding(details: try await loader.read(shard)) }
            return try await version1(shard)
        }
        if let details = finding.details {
            finding.details = try await loader.asking(details, within: limit)
        }
        return DeprecatedStatusJSON.shard(finding.details, version1Error: finding.version1Error)
    }

    private func version1(_ shard: any ShardAdministration) async throws -> Finding {
        let roles = try Version1Roles(try await shard.electionEntries() ?? [])
        let error = try await shard.version1Error()
        return Finding(details: roles.state.map { ClusterDetails(state: $0) }, version1Error: error)
    }
}
