import ArgumentParser
import Foundation
import ManateeLocal

struct ChaosDisk: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "chaos-disk",
        abstract: "Fills peers' disks to the last byte, and shows that the shard goes on.",
        discussion: """
            Each peer has a file system of its own. One after the other is filled while clients write:             the shard must go on without its peer, manatee-adm verify must say what is wrong, and the             peer must come back when there is room again. Prints a line of JSON per round, and a             summary. Exits 0 only if no acknowledged write was lost. Needs root. Everything happens in a             temporary directory, which is kept only after a failure.
            """
    )

    @Option(name: .long, help: "What the data lies on: zfs or btrfs.")
    var storage = DevStorage.btrfs

    @Option(
        name: .long,
        help: ArgumentHelp("Whose: primary, sync, async, all, in any order.", valueName: "LIST")
    )
    var victims = "primary,sync,async,all"

    @Option(name: .long, help: ArgumentHelp("How large each disk is.", valueName: "MB"))
    var megabytes = 700

    func validate() throws {
        guard storage != .directory else {
            throw ValidationError("--storage must be zfs or btrfs, not \(storage.rawValue)")
        }
        guard megabytes >= 600 else {
            throw ValidationError("--megabytes must be 600 or more: a peer needs that much room")
        }
        _ = try parsedVictims()
    }

    private func parsedVictims() throws -> [DiskChaos.Victim] {
        try victims.split(separator: ",").map { word in
            guard let victim = DiskChaos.Victim(rawValue: String(word)) else {
                throw ValidationError(
                    "--victims has \"\(word)\"; expected primary, sync, async or all, with commas"
                )
            }
            return victim
        }
    }

    func run() async throws {
        try PrivateMounts.enter(for: storage)
        let temporary = FileManager.default.temporaryDirectory.path
        let name = "manatee-disks-" + String(UInt32.random(in: 0 ... .max), radix: 16)
        let directory = DevDirectory(path: "\(temporary)/\(name)")
        var options = DevShard.Options(sitterProgram: try Programs.path("manatee-sitter"))
        options.storage = storage
        options.peerDiskMegabytes = megabytes
        options.backupServerProgram = try Programs.path("manatee-backupserver")
        options.sessionTimeout = .seconds(2)
        options.firstPort = Int.random(in: 1100...1450) * PortPlan.step
        let shard = try await DevShard.prepare(in: directory, options)
        let chaos = DiskChaos(
            shard: shard,
            victims: try parsedVictims(),
            tool: try Programs.path("manatee-adm"),
            say: say
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
