import ArgumentParser

/// The program that attacks the decision core.
@main
struct ManateeSim: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "manatee-sim",
        abstract: "Runs whole shards on one thread from a seed, and tries to break them.",
        subcommands: [Explore.self, Exhaust.self, Replay.self, Mutate.self, Shell.self]
    )
}
