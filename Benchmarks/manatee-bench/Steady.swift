import ArgumentParser
import ManateeBench
import ManateeLocal

struct Steady: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Measures what a cluster costs while nothing happens to it.",
        discussion: """
            Cold start; processor, memory and store requests without clients; then pgbench through the \
            managed primary in turn with a hand-made primary and standby of the same settings. One line of \
            JSON for each contender.
            """
    )

    @OptionGroup var contenders: ContenderOptions

    @Option(help: ArgumentHelp("Seconds without clients.", valueName: "S"))
    var idle = 60

    @Option(help: ArgumentHelp("How many pairs of slices pgbench runs.", valueName: "N"))
    var slices = 6

    @Option(help: ArgumentHelp("Seconds of one slice.", valueName: "S"))
    var slice = 10

    @Flag(help: "Keep the directory with all logs.")
    var keep = false

    func validate() throws {
        guard idle > 0, slices > 0, slice > 0 else {
            throw ValidationError("--idle, --slices and --slice must be 1 or more")
        }
    }

    func run() async throws {
        try OwnNetwork.enter()
        try await Workplace.with(keep: keep) { directory in
            let run = SteadyRun(
                idle: .seconds(idle),
                slices: slices,
                slice: .seconds(slice),
                directory: directory
            )
            for contender in try contenders.own + contenders.others {
                let result = try await run.run(contender)
                say(JSONLine.text(result))
            }
        }
    }
}
