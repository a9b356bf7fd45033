import ArgumentParser
import ManateeLocal

/// Where a shard lives.
struct DirectoryOption: ParsableArguments {
    @Option(name: .long, help: ArgumentHelp("The shard's directory.", valueName: "D"))
    var dir = ".manatee-dev"

    var directory: DevDirectory { DevDirectory(path: dir) }
}

struct Up: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Starts a shard and runs it until Ctrl-C; its data is kept."
    )

    @Option(name: .long, help: ArgumentHelp("How many peers, 2 to 9.", valueName: "N"))
    var peers = 3

    @Option(name: .long, help: ArgumentHelp("How many ZooKeeper servers, 1 or 3.", valueName: "N"))
    var storeNodes = 1

    @OptionGroup var place: DirectoryOption

    func validate() throws {
        guard (2...9).contains(peers) else {
            throw ValidationError("--peers must be 2 to 9, not \(peers)")
        }
        guard [1, 3].contains(storeNodes) else {
            throw ValidationError("--store-nodes must be 1 or 3, not \(storeNodes)")
        }
    }

    func run() async throws {
        var options = DevShard.Options(sitterProgram: try Programs.path("manatee-sitter"))
        options.peers = peers
        options.storeNodes = storeNodes
        let programs = try Programs.directory
        let shard = try await DevShard.prepare(in: place.directory, options)
        say("starting \(shard.peerCount) peers in \(shard.directory.path)")
        let outcome = await Interruptible.run {
            try await shard.startAll()
            try await shard.waitUntilHealthy(within: .seconds(180))
            say(
                ConnectionGuide.text(
                    settings: shard.settings,
                    directory: shard.directory,
                    programs: programs
                )
            )
            await ShardWatch(shard: shard, say: say).run()
        }
        say("stopping")
        await shard.stopAll()
        say("stopped; the data is kept in \(shard.directory.path)")
        // A signal is how a user ends this command.
        _ = try outcome.get()
    }
}

struct Down: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Stops what runs of a shard, also what was left behind; its data is kept."
    )

    @OptionGroup var place: DirectoryOption

    func run() async throws {
        let ended = try await DevShard.bringDown(place.directory)
        say(ended == 0 ? "nothing was running" : "stopped")
    }
}

struct Destroy: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Stops a shard and removes its directory with all data."
    )

    @OptionGroup var place: DirectoryOption

    func run() async throws {
        _ = try await DevShard.bringDown(place.directory)
        try place.directory.remove()
        say("removed \(place.directory.path)")
    }
}
