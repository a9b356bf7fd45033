import ArgumentParser
import ManateeLocal
import Subprocess
import SystemPackage

struct Demo: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Kills two primaries under load and shows that no acknowledged write is lost.",
        discussion: """
            Everything happens in a temporary directory, which is removed at the end. Exits 0 only if \
            nothing was lost and the shard is whole again.
            """
    )

    @Flag(name: .long, help: "Print the figures as one line of JSON at the end.")
    var json = false

    @Option(name: .long, help: ArgumentHelp("How many peers, 3 to 9.", valueName: "N"))
    var peers = 3

    @Option(name: .long, help: "What the data lies on: directory, zfs or btrfs.")
    var storage = DevStorage.directory

    func validate() throws {
        guard (3...9).contains(peers) else {
            throw ValidationError("--peers must be 3 to 9, not \(peers)")
        }
    }

    func run() async throws {
        let local = try await TemporaryShard("manatee-demo", on: storage) { options in
            options.peers = peers
            options.sessionTimeout = .seconds(2)
            options.tick = .milliseconds(500)
        }
        let shard = local.shard
        let outcome = try await local.run {
            let ending = try await FailoverStory(shard: shard, say: say).play()
            return (ending, try await pgStatus(of: shard))
        }
        try local.directory.remove()
        switch try outcome.get() {
        case .interrupted(let signal):
            throw signal.exitCode
        case .done((let ending, let status)):
            say("\n\(status.text)\n\(ending.timeline.table)\n\n\(ending.report.summary)")
            if json { say(ending.report.json) }
            guard ending.report.succeeded, status.succeeded else { throw ExitCode.failure }
        }
    }

    /// What an operator sees: the real `manatee-adm pg-status`.
    private func pgStatus(of shard: DevShard) async throws -> (text: String, succeeded: Bool) {
        let result = try await Subprocess.run(
            .path(FilePath(try Programs.path("manatee-adm"))),
            arguments: ["pg-status"],
            environment: .inherit.updating([
                "SHARD": shard.settings.shard,
                "ZK_IPS": shard.settings.storeServers,
                "MANATEE_SITTER_CONFIG": shard.directory.configurationFile(1),
            ]),
            output: .string(limit: 1 << 16),
            error: .string(limit: 1 << 16)
        )
        let text = result.standardOutput + result.standardError
        return ("manatee-adm pg-status\n" + text, result.terminationStatus.isSuccess)
    }
}

extension DevStorage: ExpressibleByArgument {}
