import ArgumentParser
import ManateeBackup
import ManateeConfiguration
import ManateeDaemon
import ManateePorts
import ManateeStorage

/// The program that gives other peers copies of this one's data.
@main
struct BackupServerCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "manatee-backupserver",
        abstract: "Gives other peers copies of this one's data.",
        discussion: """
            The configuration is Manatee's YAML (etc/manatee-backupserver.yaml documents it) or the \
            original's backupserver.json. The log goes to standard output: for people on a terminal, as \
            JSON lines for `bunyan` otherwise. SIGTERM or SIGINT ends the program in order.

            Exit status:
            \(ExitStatus.table)
            """
    )

    @OptionGroup
    var options: DaemonOptions

    @Flag(help: "Check the configuration, the token and the storage, and change nothing.")
    var check = false

    @Flag(help: "Print the settings in effect, defaults included, and do nothing else.")
    var printEffective = false

    @Flag(help: "Make the file with the token that the configuration names, with a new token.")
    var createToken = false

    /// Runs the command, and leaves with a status of `ExitStatus`.
    static func main() async { await Program.main(Self.self) }

    mutating func run() async throws {
        let settingsFile = try options.read {
            try BackupServerSettingsFile.load($0, environment: $1)
        }
        for warning in settingsFile.warnings { Program.complain("warning: \(warning)") }
        let settings = settingsFile.settings
        if printEffective {
            print(settings.effectiveYAML, terminator: "")
            return
        }
        if createToken { return try makeToken(settings.tokenFile) }
        let logger = try options.startLog("manatee-backupserver", configured: settings.logLevel)
        let program = BackupServerProgram(settings, logger: logger)
        if check { return print(try await program.check()) }
        try await program.run()
    }

    private func makeToken(_ file: String) throws(ProgramFailure) {
        do {
            try BackupToken().save(to: file)
        } catch {
            throw ProgramFailure(.failure, "\(error)")
        }
        print("made \(file); copy it to the other peers of the shard, with mode 0600")
    }
}
