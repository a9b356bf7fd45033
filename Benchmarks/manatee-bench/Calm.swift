import ArgumentParser
import ManateeBench
import ManateeLocal

struct Calm: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Counts takeovers for nothing on busy machines with a slow network.",
        discussion: """
            Nobody fails: every core is kept busy, packets to each peer are held back for up to 200 ms, and \
            single sitters are stopped for a second (SIGSTOP). One line of JSON for each profile; the status \
            is 1 if there was any takeover.
            """
    )

    @Option(
        help: ArgumentHelp("fast, balanced, conservative; separated by commas.", valueName: "NAMES")
    )
    var profiles = "balanced"

    @Option(help: ArgumentHelp("How long each is watched.", valueName: "N"))
    var minutes = 30

    @Flag(help: "Keep the directory with all logs.")
    var keep = false

    func validate() throws {
        try ContenderOptions.check(profiles: profiles)
        guard minutes > 0 else { throw ValidationError("--minutes must be 1 or more") }
    }

    func run() async throws {
        try OwnNetwork.enter()
        try await Workplace.with(keep: keep) { directory in
            var isCalm = true
            for profile in profiles.list {
                let result = try await CalmRun(
                    length: .seconds(60 * minutes),
                    profile: profile,
                    programs: try Programs.directory,
                    directory: directory
                ).run()
                say(JSONLine.text(result))
                isCalm = isCalm && result.takeovers == 0
            }
            guard isCalm else { throw ExitCode.failure }
        }
    }
}
