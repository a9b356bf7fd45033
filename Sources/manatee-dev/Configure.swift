import ArgumentParser
import Foundation
import ManateeLocal

struct Configure: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Writes configurations for three peers that are started by hand.",
        discussion: """
            Makes `devconfs` in the current directory, with the ports of PostgreSQL's default and ten \
            higher for each further peer. ZooKeeper must be running already.
            """
    )

    @Argument(help: ArgumentHelp("The address that the peers listen on.", valueName: "SELF_IP"))
    var selfIP: String

    @Argument(help: ArgumentHelp("ZooKeeper: HOST:PORT,HOST:PORT", valueName: "ZK_CONN_STR"))
    var zooKeeper: String

    @Argument(help: ArgumentHelp("The shard's name, or its path in the store.", valueName: "SHARD"))
    var shard = "1"

    @Flag(name: .long, help: "Replace configurations that are there; data is kept.")
    var force = false

    @Flag(name: .long, help: "Keep the data on ZFS: below zones/HOST/data, a pool of yours.")
    var zfs = false

    func run() throws {
        var writer = DevConfigurationWriter(
            ip: selfIP,
            storeServers: zooKeeper,
            shard: shard,
            parent: FileManager.default.currentDirectoryPath,
            postgresVersion: try PostgresInstallation.newestVersion()
        )
        writer.usesZFS = zfs
        let configurations = try writer.write(overwrite: force)
        let programs = try Programs.directory
        say("Wrote \(writer.root). Start each peer in a terminal of its own:\n")
        for configuration in configurations {
            say("  \(programs)/manatee-sitter -f devconfs/sitter\(configuration.peer)/sitter.json")
        }
        say("\nThen, as an operator:\n")
        say("  export SHARD=\(shard) ZK_IPS=\(zooKeeper)")
        say("  export MANATEE_SITTER_CONFIG=devconfs/sitter1/sitter.json")
        say("  \(programs)/manatee-adm pg-status\n")
        say("To remove everything, data included: stop the sitters, then rm -r devconfs")
    }
}
