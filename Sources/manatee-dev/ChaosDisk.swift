import ArgumentParser
import ManateeLocal

struct ChaosDisk: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "chaos-disk",
        abstract: "Fills peers' disks to the last byte, and shows that the shard goes on.",
        discussion: """
            Each peer has a file system of its own. One after the other is filled while clients write: \
            the shard must go on without its peer, manatee-adm verify must say what is wrong, and the \
            peer must come back when there is room again. Prints a line of JSON per round, and a \
            summary. Exits 0 only if no acknowledged write was lost. Needs root. Everything happens in a \
            temporary directory, which is kept only after a failure.
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
        let local = try await TemporaryShard("manatee-disks", on: storage) { options in
            options.peerDiskMegabytes = megabytes
            options.sessionTimeout = .seconds(2)
        }
        let chaos = DiskChaos(
            shard: local.shard,
            victims: try parsedVictims(),
            tool: try Programs.path("manatee-adm"),
            say: say
        )
        try await local.disturb { try await chaos.play() }
    }
}
