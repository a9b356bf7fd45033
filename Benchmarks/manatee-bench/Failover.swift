import ArgumentParser
import ManateeBench
import ManateeLocal

struct Failover: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Lets faults happen under load, and measures how long writes were gone.",
        discussion: """
            Each system is started from nothing on network namespaces of its own, and lives on between the \
            faults. One line of JSON for each run goes to the standard output with --json; a table ends it.
            With --resume the lines are kept in a file, and runs that are in it already are left out: an \
            interrupted benchmark goes on where it was.
            """
    )

    @OptionGroup var contenders: ContenderOptions

    @Option(
        help: ArgumentHelp(
            "Which faults, separated by commas; all but the partial partitions if absent.",
            valueName: "NAMES"
        )
    )
    var faults: String?

    @Option(help: ArgumentHelp("How often each fault comes to Manatee.", valueName: "N"))
    var runs = 3

    @Option(help: ArgumentHelp("How often each fault comes to the others.", valueName: "N"))
    var otherRuns: Int?

    @Option(
        help: ArgumentHelp("Seconds that a partition or a store's outage lasts.", valueName: "S")
    )
    var hold = 60

    @Option(
        help: ArgumentHelp("Where results are kept, and earlier ones found.", valueName: "FILE")
    )
    var resume: String?

    @Option(
        help: ArgumentHelp(
            "A Markdown file that the table is added to, with date and machine.",
            valueName: "FILE"
        )
    )
    var report: String?

    @Flag(help: "Print each run as a line of JSON.")
    var json = false

    @Flag(help: "Keep the directory with all logs.")
    var keep = false

    func validate() throws {
        _ = try chosenFaults
        guard runs > 0, hold > 0, otherRuns.map({ $0 > 0 }) ?? true else {
            throw ValidationError("--runs, --other-runs and --hold must be 1 or more")
        }
    }

    private var chosenFaults: [Fault] {
        get throws {
            guard let faults else { return Fault.standard }
            return try faults.list.map { name in
                guard let fault = Fault(rawValue: name) else {
                    let known = Fault.allCases.map(\.rawValue).joined(separator: ", ")
                    throw ValidationError("--faults knows \(known); not \(name)")
                }
                return fault
            }
        }
    }

    func run() async throws {
        try OwnNetwork.enter()
        let results = try Results(json: json, file: resume)
        defer { say(FaultTable(results.all).markdown) }
        try await Workplace.with(keep: keep) { try await measure(in: $0, results) }
        if let report {
            try await Report(file: report).add("failovers", FaultTable(results.all).markdown)
        }
        guard results.areSafe else { throw ExitCode.failure }
    }

    private func measure(in directory: String, _ results: Results) async throws {
        var campaign = Campaign(
            faults: try chosenFaults,
            runs: runs,
            hold: .seconds(hold),
            directory: directory
        )
        for contender in try contenders.own {
            try await campaign.run(contender, leavingOut: results.contains, report: results.add)
        }
        campaign.runs = otherRuns ?? runs
        for contender in contenders.others {
            try await campaign.run(contender, leavingOut: results.contains, report: results.add)
        }
    }
}
