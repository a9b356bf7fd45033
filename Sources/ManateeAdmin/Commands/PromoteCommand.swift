import ArgumentParser
import ManateeCore
import ManateePorts
import ManateeWire

/// `promote`: asks the sitters to move a peer up the chain, and waits until they did.
struct PromoteCommand: AdmSubcommand {
    static let configuration = CommandConfiguration(
        commandName: "promote",
        abstract: "Request promotion of a peer.",
        usage: "manatee-adm promote [OPTIONS]"
    )

    @Option(
        name: .shortAndLong,
        help: ArgumentHelp("The peer's role: \"sync\" or \"async\".", valueName: "ROLE")
    )
    var role: String?

    @Option(
        name: [.customShort("n"), .long],
        help: ArgumentHelp("The peer's name.", valueName: "ZONENAME")
    )
    var zonename: String?

    @Option(
        name: [.customShort("i"), .customLong("asyncIndex")],
        help: ArgumentHelp(
            "The peer's place among the asyncs, from 0 (default: 0 if there is one).",
            valueName: "INDEX"
        )
    )
    var asyncIndex: Int?

    @Option(
        name: [.customShort("l"), .customLong("lagToIgnore")],
        help: ArgumentHelp("Seconds of lag that are no reason to warn.", valueName: "SECONDS")
    )
    var lagToIgnore = 5

    @OptionGroup var shard: ShardOptions
    @OptionGroup var postgres: ProbeOptions
    @OptionGroup var confirmation: ConfirmOptions
    @OptionGroup var output: OutputOptions

    func execute(in session: AdmSession) async throws -> AdmExit {
        let wish = try wish()
        let target = try shard.target(in: session)
        let isJSON = try output.isJSON()
        let limit = try postgres.limit()
        guard lagToIgnore >= 0 else {
            throw AdmFailure.operation("lagToIgnore must be a non-negative integer")
        }
        let state = try await session.withShard(target) { store in
            guard let stored = try await store.readState() else { throw target.missingState }
            return try StoredJSON.state(stored.data)
        }
        let plan = try PromotionPlan(wish, in: state)
        let loader = ClusterLoader(session: session, target: target)
        let details = try await loader.load(askingPostgresWithin: limit)
        let before = ClusterStateJSON.encode(state)
        guard ClusterStateJSON.encode(details.state) == before else {
            throw PromotionRequest.changed
        }
        try confirm(plan, despite: details, session)
        _ = try await PromotionRequest(plan: plan, state: state)
            .carryOut(on: target, in: session, lookingEvery: .seconds(1))
        try Completion(
            operation: "promote",
            shard: target.shard,
            text: "Successfully promoted peer.",
            facts: ["peer": .string(plan.peer.id.text), "peername": .string(plan.peer.zoneID)]
        ).write(asJSON: isJSON, in: session)
        return .success
    }

    private func wish() throws(AdmFailure) -> PromotionPlan.Wish {
        guard let role, !role.isEmpty else { throw .usage("option is required: --role") }
        guard let zonename, !zonename.isEmpty else {
            throw .usage("option is required: --zonename")
        }
        return PromotionPlan.Wish(role: role, zoneName: zonename, asyncIndex: asyncIndex)
    }

    private func confirm(
        _ plan: PromotionPlan,
        despite details: ClusterDetails,
        _ session: AdmSession
    ) throws {
        let warnings = PromotionPlan.warnings(details, lagToIgnore: lagToIgnore)
        if !warnings.isEmpty {
            let lines = warnings.map { "    \($0)\n" }.joined()
            try session.remark("this speaks against a promotion:\n\(lines)")
            try confirmation.confirm("Ignore warning(s)?", in: session)
        }
        try confirmation.confirm(
            "Promote this peer (\"\(plan.slot.role.rawValue)\")?",
            in: session
        )
    }
}

/// `clear-promote`: takes a request to promote a peer back.
struct ClearPromoteCommand: AdmSubcommand {
    static let configuration = CommandConfiguration(
        commandName: "clear-promote",
        abstract: "Remove a pending request for promotion.",
        usage: "manatee-adm clear-promote [OPTIONS]"
    )

    @OptionGroup var shard: ShardOptions
    @OptionGroup var output: OutputOptions

    func execute(in session: AdmSession) async throws -> AdmExit {
        let target = try shard.target(in: session)
        let isJSON = try output.isJSON()
        try await StateEdit.clearingPromote.carryOut(on: target, in: session)
        try Completion(
            operation: "clear-promote",
            shard: target.shard,
            text: "Cleared promote request."
        ).write(asJSON: isJSON, in: session)
        return .success
    }
}
