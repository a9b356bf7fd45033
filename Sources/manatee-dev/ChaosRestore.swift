import ArgumentParser
import ManateeLocal

struct ChaosRestore: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "chaos-restore",
        abstract: "Kills those who take part in restores, and shows that peers come back.",
        discussion: """
            A peer is asked to copy its data anew; at a random point of the copy its sender, receiver, \
            sitter or a postgres is killed, or the connection is cut. Prints a line of JSON per round, \
            and a summary. Exits 0 only if every peer streamed again and nothing was left behind. Needs \
            root, but for directories, where there is no backup server to kill. Everything happens in a \
            temporary directory, which is kept only after a failure.
            """
    )

    @Option(name: .long, help: "What the data lies on: zfs, btrfs or directory.")
    var storage = DevStorage.btrfs

    @Option(name: .long, help: ArgumentHelp("How many restores are disturbed.", valueName: "N"))
    var rounds = 20

    @Option(name: .long, help: ArgumentHelp("How large the database is.", valueName: "MB"))
    var megabytes = 200

    @Option(
        name: .long,
        help: ArgumentHelp("The most that a transfer sends in a second.", valueName: "RATE")
    )
    var rateLimit = "100MB"

    func validate() throws {
        guard rounds > 0, megabytes > 0 else {
            throw ValidationError("--rounds and --megabytes must be positive")
        }
    }

    func run() async throws {
        let local = try await TemporaryShard("manatee-chaos", on: storage) { options in
            // Slow enough to be disturbed, and what a killed receiver held is released soon.
            options.backupServerLines = ["rateLimit: \(rateLimit)", "jobExpiry: 10s"]
        }
        let chaos = RestoreChaos(
            shard: local.shard,
            rounds: rounds,
            megabytes: megabytes,
            say: say,
            tell: { say($0.json) }
        )
        try await local.disturb { try await chaos.play() }
    }
}
