import ArgumentParser
import ManateeConfiguration
import ManateeDaemon
import ManateePorts
import ManateeStorage

/// The program that takes snapshots of one peer's data and destroys old ones.
@main
struct SnapshotterCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "manatee-snapshotter",
        abstract: "Takes snapshots of a peer's data, and destroys old ones.",
        discussion: """
            The configuration is Manatee's YAML (etc/manatee-snapshotter.yaml documents it) or the \
            original's snapshotter.json. The log goes to standard output: for people on a terminal, as \
            JSON lines for `bunyan` otherwise. SIGTERM or SIGINT ends the program in order.

            Exit status:
            \(ExitStatus.table)
            """
    )

    @OptionGroup
    var options: DaemonOptions

    @Flag(help: "Check the configuration and the storage, and change nothing.")
    var check = false

    @Flag(help: "Print the settings in effect, defaults included, and do nothing else.")
    var printEffective = false

    /// Runs the command, and leaves with a status of `ExitStatus`.
    static func main() async { await Program.main(Self.self) }

    mutating func run() async throws {
        let settingsFile = try options.read {
            try SnapshotterSettingsFile.load($0, environment: $1)
        }
        for warning in settingsFile.warnings { Program.complain("warning: \(warning)") }
        let settings = settingsFile.settings
        if printEffective {
            print(settings.effectiveYAML, terminator: "")
            return
        }
        let logger = try options.startLog("manatee-snapshotter", configured: settings.logLevel)
        let program = SnapshotterProgram(settings, logger: logger)
        if check { return print(try await program.check()) }
        try await program.run()
    }
}
