import ArgumentParser
import ManateeBench
import ManateeLocal
import Synchronization

struct Steady: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Measures what a cluster costs while nothing happens to it.",
        discussion: """
            Cold start; processor, memory and store requests without clients; then pgbench through the \
            managed primary in turn with a hand-made primary and standby of the same settings. One line of \
            JSON for each contender goes to the standard output with --json; a table ends it.
            """
    )

    @OptionGroup var contenders: ContenderOptions

    @Option(help: ArgumentHelp("Seconds without clients.", valueName: "S"))
    var idle = 60

    @Option(help: ArgumentHelp("How many pairs of slices pgbench runs.", valueName: "N"))
    var slices = 6

    @Option(help: ArgumentHelp("Seconds of one slice.", valueName: "S"))
    var slice = 10

    @Option(
        help: ArgumentHelp(
            "A Markdown file that the table is added to, with date and machine.",
            valueName: "FILE"
        )
    )
    var report: String?

    @Flag(help: "Print each contender's figures as a line of JSON.")
    var json = false

    @Flag(help: "Keep the directory with all logs.")
    var keep = false

    func validate() throws {
        guard idle > 0, slices > 0, slice > 0 else {
            throw ValidationError("--idle, --slices and --slice must be 1 or more")
        }
    }

    func run() async throws {
        try OwnNetwork.enter()
        let results = Mutex<[SteadyResult]>([])
        try await Workplace.with(keep: keep) { directory in
            let run = SteadyRun(
                idle: .seconds(idle),
                slices: slices,
                slice: .seconds(slice),
                directory: directory
            )
            for contender in try contenders.own + contenders.others {
                let result = try await run.run(contender)
                results.withLock { $0.append(result) }
                if json { say(JSONLine.text(result)) }
            }
        }
        let table = SteadyTable(results.withLock(\.self)).markdown
        say(table)
        if let report { try await Report(file: report).add("a steady state", table) }
    }
}
