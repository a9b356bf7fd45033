import ArgumentParser

/// The program `manatee-bench`: measures this project beside its peers, on this machine.
@main
struct ManateeBench: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "manatee-bench",
        abstract: "Measures Manatee and Patroni on this machine, in one run.",
        subcommands: [Failover.self, Steady.self, Calm.self, Storage.self]
    )
}
