import ArgumentParser
import Foundation
import ManateeLocal

struct ChaosRestore: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "chaos-restore",
        abstract: "Kills those who take part in restores, and shows that peers come back.",
        discussion: """
            A peer is asked to copy its data anew; at a random point of the copy its sender, receiver, \
            sitter or a postgres is killed, or the connection is cut. Prints a line of JSON per round, \
            and a summary. Exits 0 only if every peer streamed again and nothing was left behind. Needs \
            root, but for directories, where there is no backup server to kill. Everything happens in a temporary directory, which is kept only after a failure.
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
        try PrivateMounts.enter(for: storage)
        let temporary = FileManager.default.temporaryDirectory.path
        let name = "manatee-chaos-" + String(UInt32.random(in: 0 ... .max), radix: 16)
        let directory = DevDirectory(path: "\(temporary)/\(name)")
        var options = DevShard.Options(sitterProgram: try Programs.path("manatee-sitter"))
        options.storage = storage
        options.backupServerProgram = try Programs.path("manatee-backupserver")
        // Slow enough to be disturbed, and what a killed receiver held is released soon.
        options.backupServerLines = ["rateLimit: \(rateLimit)", "jobExpiry: 10s"]
        options.firstPort = Int.random(in: 1100...1450) * PortPlan.step
        let shard = try await DevShard.prepare(in: directory, options)
        let chaos = RestoreChaos(
            shard: shard,
            rounds: rounds,
            megabytes: megabytes,
            say: say,
            tell: { say($0.json) }
        )
        let outcome = await Interruptible.run { try await chaos.play() }
        await shard.stopAll()
        try await shard.unmount()
        guard case .success(.done(let report)) = outcome, report.succeeded else {
            say("kept for a look: \(directory.path)")
            if case .done(let report) = try outcome.get() { say(report.json) }
            throw ExitCode.failure
        }
        try directory.remove()
        say(report.json)
    }
}
