import ArgumentParser
import ManateeCore
import ManateePorts
import ManateeWire

/// `switchover`: lets the primary hand over to its sync, and tells what that will cost, and did.
struct SwitchoverCommand: AdmSubcommand {
    static let configuration = CommandConfiguration(
        commandName: "switchover",
        abstract: "Let the primary hand over to the sync.",
        usage: "manatee-adm switchover [OPTIONS]"
    )

    @Flag(name: .customLong("dry-run"), help: "Tell what would happen, and change nothing.")
    var dryRun = false

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
        let target = try shard.target(in: session)
        let limit = try postgres.limit()
        let isJSON = try output.isJSON()
        guard lagToIgnore >= 0 else {
            throw AdmFailure.operation("lagToIgnore must be a non-negative integer")
        }
        let details = try await ClusterLoader(session: session, target: target)
            .load(askingPostgresWithin: limit)
        guard let sync = details.state.sync else {
            throw AdmFailure.operation("cluster has no sync to hand over to")
        }
        let wish = PromotionPlan.Wish(role: "sync", zoneName: sync.zoneID, asyncIndex: nil)
        let plan = try PromotionPlan(wish, in: details.state)
        let forecast = HandoverForecast(details)
        let warnings = forecast.warnings(lagToIgnore: lagToIgnore)
        let predicted = forecast.json(warnings)
        if dryRun, isJSON {
            let facts: [String: JSONValue] = [
                "cluster": .string(target.shard), "forecast": predicted,
            ]
            try session.write(JSONText.text(.object(facts)) + "\n")
            return warnings.isEmpty ? .success : .failure
        }
        // Whoever is asked below reads the forecast first, in either form.
        try session.output.write(forecast.text, to: isJSON ? .standardError : .standardOutput)
        if !warnings.isEmpty {
            let lines = warnings.map { "    \($0)\n" }.joined()
            try session.remark("this speaks against a switchover:\n\(lines)")
        }
        if dryRun { return warnings.isEmpty ? .success : .failure }
        if !warnings.isEmpty { try confirmation.confirm("Ignore warning(s)?", in: session) }
        try confirmation.confirm("Hand over to \"\(plan.peer.label)\"?", in: session)
        let outcome = try await PromotionRequest(plan: plan, state: details.state)
            .carryOut(on: target, in: session, lookingEvery: .milliseconds(100))
        let pause = outcome.handover.map {
            ", \(HandoverForecast.seconds($0)) after the announcement"
        }
        try Completion(
            operation: "switchover",
            shard: target.shard,
            text: "Primary of generation \(outcome.generation): \(plan.peer.label)\(pause ?? "")",
            facts: [
                "generation": .integer(Int64(outcome.generation.number)),
                "peer": .string(plan.peer.id.text), "peername": .string(plan.peer.zoneID),
                "handoverSeconds": outcome.handover.map { .number($0 / .seconds(1)) } ?? .null,
                "forecast": predicted,
            ]
        ).write(asJSON: isJSON, in: session)
        return .success
    }
}
