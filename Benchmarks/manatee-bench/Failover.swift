import ArgumentParser
import Foundation
import ManateeBench
import ManateeLocal
import UnixSignals

struct Failover: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Lets faults happen under load, and measures how long writes were gone.",
        discussion: """
            Each system is started from nothing on network namespaces of its own, and lives on between the \
            faults. One line of JSON for each run goes to the standard output with --json; a table ends it.
            """
    )

    @Option(help: ArgumentHelp("manatee, patroni; separated by commas.", valueName: "NAMES"))
    var systems = "manatee"

    @Option(
        help: ArgumentHelp("Which faults, separated by commas; all if absent.", valueName: "NAMES")
    )
    var faults: String?

    @Option(help: ArgumentHelp("How often each fault comes to Manatee.", valueName: "N"))
    var runs = 3

    @Option(help: ArgumentHelp("How often each fault comes to the others.", valueName: "N"))
    var otherRuns: Int?

    @Option(
        help: ArgumentHelp(
            "Manatee's failure detection: fast, balanced, conservative; separated by commas.",
            valueName: "NAMES"
        )
    )
    var profiles = "balanced"

    @Option(help: ArgumentHelp("Patroni's timing: default, fastest.", valueName: "NAMES"))
    var timings = "default,fastest"

    @Option(
        help: ArgumentHelp("Seconds that a partition or a store's outage lasts.", valueName: "S")
    )
    var hold = 60

    @Option(
        help: ArgumentHelp(
            "Where patroni and patronictl are (pip install 'patroni[etcd3]' psycopg-binary).",
            valueName: "DIR"
        )
    )
    var patroniPrograms = "/usr/local/bin"

    @Flag(help: "Print each run as a line of JSON.")
    var json = false

    @Flag(help: "Keep the directory with all logs.")
    var keep = false

    func validate() throws {
        _ = try chosenFaults
        guard runs > 0, hold > 0, otherRuns.map({ $0 > 0 }) ?? true else {
            throw ValidationError("--runs, --other-runs and --hold must be 1 or more")
        }
        for name in systems.list where !["manatee", "patroni"].contains(name) {
            throw ValidationError("--systems knows manatee and patroni, not \(name)")
        }
        for name in timings.list where PatroniTiming(rawValue: name) == nil {
            throw ValidationError("--timings knows default and fastest, not \(name)")
        }
    }

    private var chosenFaults: [Fault] {
        get throws {
            guard let faults else { return Fault.allCases }
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
        let name = "manatee-bench-" + String(UInt32.random(in: 0 ... .max), radix: 16)
        let directory = FileManager.default.temporaryDirectory.path + "/" + name
        try FileManager.default.createDirectory(
            atPath: directory,
            withIntermediateDirectories: true,
            attributes: [.posixPermissions: 0o755]
        )
        let results = Results(json: json)
        let outcome = await Interruptible.run { try await measure(in: directory, results) }
        print(FaultTable(await results.all).markdown)
        if keep {
            print("kept: \(directory)")
        } else {
            try FileManager.default.removeItem(atPath: directory)
        }
        if case .interrupted(let signal) = try outcome.get() {
            throw ExitCode(128 + signal.rawValue)
        }
        guard await results.areSafe else { throw ExitCode.failure }
    }

    private func measure(in directory: String, _ results: Results) async throws {
        var campaign = Campaign(
            faults: try chosenFaults,
            runs: runs,
            hold: .seconds(hold),
            directory: directory
        )
        if systems.list.contains("manatee") {
            let programs = try Programs.directory
            for profile in profiles.list {
                try await campaign.run(.manatee(profile: profile, programs: programs)) {
                    await results.add($0)
                }
            }
        }
        guard systems.list.contains("patroni") else { return }
        campaign.runs = otherRuns ?? runs
        for timing in timings.list.compactMap(PatroniTiming.init) {
            try await campaign.run(.patroni(timing, programs: patroniPrograms)) {
                await results.add($0)
            }
        }
    }
}

extension String {
    fileprivate var list: [String] { split(separator: ",").map(String.init) }
}
