import ArgumentParser
import ManateePorts

/// `history`: every write of the cluster state, and what each one meant.
struct HistoryCommand: AdmSubcommand {
    static let configuration = CommandConfiguration(
        commandName: "history",
        abstract: "Displays history of state changes for this cluster.",
        usage: "manatee-adm history [OPTIONS]"
    )

    @OptionGroup var shard: ShardOptions

    @OptionGroup var output: OutputOptions

    @Option(
        help: ArgumentHelp("Sort field (either \"zkSeq\" or \"time\").", valueName: "SORTFIELD")
    )
    var sort = "zkSeq"

    @Flag(
        name: .shortAndLong,
        help: "Say what happened, and what failovers spent their time on."
    )
    var verbose = false

    func execute(in session: AdmSession) async throws -> AdmExit {
        let target = try shard.target(in: session)
        guard let order = HistoryRecord.Order(rawValue: sort) else {
            throw AdmFailure.usage("--sort must be one of \"zkSeq\" or \"time\"")
        }
        let isJSON = try output.isJSON()
        let entries = try await session.withShard(target) { store in
            guard let entries = try await store.historyEntries() else {
                throw AdmFailure.operation("no history exists for shard: \"\(target.shard)\"")
            }
            return entries
        }
        let records = HistoryRecord.sorted(entries.map { HistoryRecord($0) }, by: order)
        let inquiry = RoleChangeInquiry(
            session: session,
            configurationPath: target.configurationPath
        )
        let changes =
            verbose ? try await inquiry.answers(for: records) : records.map { _ in nil }
        if isJSON {
            for (record, change) in zip(records, changes) {
                try session.write(try HistoryJSON.line(record, change))
            }
        } else {
            try session.write(HistoryTable(verbose: verbose).text(records, changes))
        }
        return .success
    }
}
