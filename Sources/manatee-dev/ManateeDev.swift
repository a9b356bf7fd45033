import ArgumentParser

/// The program `manatee-dev`: whole shards on one machine, for development and demonstration.
@main
struct ManateeDev: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "manatee-dev",
        abstract: "Runs whole shards on this machine, for development and demonstration.",
        subcommands: [
            Up.self, Down.self, Destroy.self, Demo.self, ChaosRestore.self, ChaosDisk.self,
            Configure.self,
        ]
    )
}
