import ArgumentParser
import ManateeCore

/// `verify`: whether anything is wrong, as lines and as an exit code.
struct VerifyCommand: AdmSubcommand {
    static let configuration = CommandConfiguration(
        commandName: "verify",
        abstract: "Verify the health of the cluster.",
        usage: "manatee-adm verify [OPTIONS]"
    )

    @OptionGroup var shard: ShardOptions
    @OptionGroup var postgres: ProbeOptions

    @Flag(name: .shortAndLong, help: "Say so if nothing is wrong.")
    var verbose = false

    @OptionGroup var output: OutputOptions

    @Flag(help: "Print one line and end as plugins of Nagios and its kind do.")
    var nagios = false

    func execute(in session: AdmSession) async throws -> AdmExit {
        if nagios { return try await executeAsPlugin(in: session) }
        let target = try shard.target(in: session)
        let limit = try postgres.limit()
        let isJSON = try output.isJSON()
        let verdict = ClusterVerdict(try await load(target, limit, session))
        if isJSON {
            try session.write(DetailsJSON.verdict(verdict))
        } else {
            let paint = session.paint(for: .standardOutput)
            for issue in verdict.issues { try session.write(issue.line(paint) + "\n") }
            if verdict.isHealthy, verbose { try session.write("all checks passed\n") }
        }
        return verdict.isHealthy ? .success : .failure
    }

    private func load(
        _ target: ShardTarget,
        _ limit: Duration,
        _ session: AdmSession
    ) async throws -> ClusterDetails {
        do {
            return try await ClusterLoader(session: session, target: target).load(
                askingPostgresWithin: limit
            )
        } catch let failure as AdmFailure {
            try session.write("error: failed to fetch cluster state\n")
            throw failure
        }
    }

    /// Everything that keeps the check from being made is a plugin's fourth status.
    private func executeAsPlugin(in session: AdmSession) async throws -> AdmExit {
        let report: NagiosReport
        do {
            if try output.isJSON() {
                throw AdmFailure.usage("options exclude each other: --nagios, --output json")
            }
            let target = try shard.target(in: session)
            let details = try await ClusterLoader(session: session, target: target).load(
                askingPostgresWithin: try postgres.limit()
            )
            report = NagiosReport(details, shard: target.shard)
        } catch let failure as AdmFailure {
            report = NagiosReport(unknown: failure.message)
        }
        try session.write(report.line + "\n")
        return report.status.exit
    }
}
