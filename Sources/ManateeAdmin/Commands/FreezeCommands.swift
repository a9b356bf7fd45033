import ArgumentParser
import ManateeCore

/// `freeze`: orders that nobody changes roles.
struct FreezeCommand: AdmSubcommand {
    static let configuration = CommandConfiguration(
        commandName: "freeze",
        abstract: "Freeze this cluster's topology.",
        usage: "manatee-adm freeze [OPTIONS]"
    )

    @Option(
        name: .shortAndLong,
        help: ArgumentHelp("The reason this cluster is being frozen.", valueName: "REASON")
    )
    var reason: String?

    @OptionGroup var shard: ShardOptions
    @OptionGroup var output: OutputOptions

    func execute(in session: AdmSession) async throws -> AdmExit {
        guard let reason, !reason.isEmpty else {
            throw AdmFailure.usage("option is required: --reason")
        }
        let target = try shard.target(in: session)
        let isJSON = try output.isJSON()
        let date = Timestamp(milliseconds: session.ports.now()).text
        try await StateEdit.freezing(date: date, reason: reason).carryOut(on: target, in: session)
        try Completion(
            operation: "freeze",
            shard: target.shard,
            text: "Frozen.",
            facts: ["date": .string(date), "reason": .string(reason)]
        ).write(asJSON: isJSON, in: session)
        return .success
    }
}

/// `unfreeze`: takes that order back.
struct UnfreezeCommand: AdmSubcommand {
    static let configuration = CommandConfiguration(
        commandName: "unfreeze",
        abstract: "Unfreeze this cluster's topology.",
        usage: "manatee-adm unfreeze [OPTIONS]"
    )

    @OptionGroup var shard: ShardOptions
    @OptionGroup var output: OutputOptions

    func execute(in session: AdmSession) async throws -> AdmExit {
        let target = try shard.target(in: session)
        let isJSON = try output.isJSON()
        try await StateEdit.unfreezing.carryOut(on: target, in: session)
        try Completion(
            operation: "unfreeze",
            shard: target.shard,
            text: "Unfrozen."
        ).write(asJSON: isJSON, in: session)
        return .success
    }
}
