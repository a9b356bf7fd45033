import ArgumentParser
import ManateeCore

/// `set-onwm`: switches one-node-write mode in the cluster state.
struct SingletonCommand: AdmSubcommand {
    static let configuration = CommandConfiguration(
        commandName: "set-onwm",
        abstract: "Enable or disable one-node-write mode (dangerous).",
        usage: "manatee-adm set-onwm [OPTIONS]"
    )

    private static let warning = """
        WARNING: one-node-write mode is for a shard of one peer. A change of this mode is not a
        change that sitters make: the mode in each sitter's configuration must be changed to match,
        and the sitters must be restarted. While the mode is on, the primary acknowledges writes
        alone, and the loss of that peer is the loss of data.

        """

    @Option(
        name: .shortAndLong,
        help: ArgumentHelp("Either \"on\" or \"off\".", valueName: "MODE")
    )
    var mode: String?

    @OptionGroup var shard: ShardOptions
    @OptionGroup var confirmation: ConfirmOptions
    @OptionGroup var output: OutputOptions

    func execute(in session: AdmSession) async throws -> AdmExit {
        guard let mode, !mode.isEmpty else {
            throw AdmFailure.usage("option is required: --mode")
        }
        guard mode == "on" || mode == "off" else {
            throw AdmFailure.usage("unsupported value for --mode: \"\(mode)\"")
        }
        let target = try shard.target(in: session)
        let isJSON = try output.isJSON()
        let edit = StateEdit(field: "oneNodeWriteMode") { fields in
            let isOn = fields["oneNodeWriteMode"]?.isTruthy ?? false
            guard isOn != (mode == "on") else {
                throw AdmFailure.operation("One Node Write Mode is already \(mode)")
            }
            fields["oneNodeWriteMode"] = mode == "on" ? .boolean(true) : nil
        }
        try await edit.rehearse(on: target, in: session)
        try session.remark(Self.warning)
        try confirmation.confirm("Set One Node Write Mode to \"\(mode)\"?", in: session)
        try await edit.carryOut(on: target, in: session)
        try Completion(
            operation: "set-onwm",
            shard: target.shard,
            text: "One Node Write Mode set to: \(mode)",
            facts: ["mode": .string(mode)]
        ).write(asJSON: isJSON, in: session)
        return .success
    }
}
