import ArgumentParser
import ManateeCore
import ManateeWire

/// `top`: the cluster at work, again and again.
struct TopCommand: AdmSubcommand {
    static let configuration = CommandConfiguration(
        commandName: "top",
        abstract: "Watch roles, positions, lag and rates.",
        usage: "manatee-adm top [OPTIONS] [PERIOD]"
    )

    /// Cursor to the upper left, and what is below is wiped.
    private static let wipe = "\u{1B}[H\u{1B}[2J"

    @OptionGroup var shard: ShardOptions
    @OptionGroup var postgres: ProbeOptions
    @OptionGroup var output: OutputOptions

    @Flag(help: "Show it once; rates need two looks, so there are none.")
    var once = false

    @Argument(help: ArgumentHelp("Look every PERIOD seconds.", valueName: "PERIOD"))
    var period = 2

    func execute(in session: AdmSession) async throws -> AdmExit {
        let target = try shard.target(in: session)
        let limit = try postgres.limit()
        let isJSON = try output.isJSON()
        guard period >= 1 else { throw AdmFailure.usage("invalid period: \"\(period)\"") }
        let isRedrawn = session.output.isTerminal(.standardOutput) && !isJSON && !once
        let loader = ClusterLoader(session: session, target: target)
        var previous: TopReport.Sample?
        while true {
            do {
                let details = try await loader.load(askingPostgresWithin: limit)
                let sample = TopReport.Sample(details: details, milliseconds: session.ports.now())
                let report = TopReport(shard: target.shard, sample: sample, previous: previous)
                let text = isJSON ? report.json : report.text(session.paint(for: .standardOutput))
                try session.write((isRedrawn ? Self.wipe : "") + text)
                previous = sample
            } catch let failure as AdmFailure where !once {
                // Watching goes on: the store or the shard may be back in the next round.
                try session.remark("manatee-adm: error: \(failure.message)\n")
            }
            if once { return .success }
            try await session.ports.pause(.seconds(period))
            if !isRedrawn, !isJSON { try session.write("\n") }
        }
    }
}
