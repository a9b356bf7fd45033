import ArgumentParser
import CLinux
import Foundation
import ManateeConfiguration
import ManateeCore
import ManateeDaemon
import ManateePostgres

/// The program of one peer: it decides, owns the peer's postgres, and shows its status.
@main
struct SitterCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "manatee-sitter",
        abstract: "Keeps one peer of a PostgreSQL shard: decides, and runs its postgres.",
        discussion: """
            The configuration is Manatee's YAML (etc/manatee-sitter.yaml documents it) or the original's \
            sitter.json. The log goes to standard output: for people on a terminal, as JSON lines for \
            `bunyan` otherwise. SIGTERM or SIGINT ends the sitter and its postgres in order.

            Exit status:
            \(ExitStatus.table)
            """
    )

    @OptionGroup
    var options: DaemonOptions

    @Flag(help: "Check the configuration, this host and ZooKeeper, and change nothing.")
    var check = false

    @Flag(help: "Print the settings in effect, defaults included, and do nothing else.")
    var printEffective = false

    @Flag(help: "Print what each failure costs with these settings, and do nothing else.")
    var printDetection = false

    @Flag(help: "Make the file of secrets that the configuration names, with new passwords.")
    var createSecrets = false

    /// Runs the command, and leaves with a status of `ExitStatus`.
    static func main() async {
        // Its threads wait nearly always: one pool of memory for all of them keeps the host's for postgres.
        mallopt(M_ARENA_MAX, 1)
        await Program.main(Self.self)
    }

    mutating func run() async throws {
        let settingsFile = try options.read { try SitterSettingsFile.load($0, environment: $1) }
        for warning in settingsFile.warnings { Program.complain("warning: \(warning)") }
        if printEffective {
            print(settingsFile.settings.effectiveYAML, terminator: "")
            return
        }
        if printDetection {
            let settings = settingsFile.settings
            let table = DetectionTable(
                settings.failureDetection.limits,
                sessionTimeout: settings.zooKeeper.sessionTimeout
            )
            print(table.text, terminator: "")
            return
        }
        if createSecrets { return try makeSecrets(settingsFile.settings.postgres.secretFile) }
        let hostCheck = HostCheck(settingsFile, file: options.file, host: LocalHost())
        try refuse(hostCheck.problems, with: .configuration)
        let settings = settingsFile.settings
        if check { return try await StoreCheck(settings).run() }
        try refuse(hostCheck.takenPorts, with: .temporary)

        let logger = try options.startLog("manatee-sitter", configured: settings.logLevel)
        try await SitterProgram(settings, logger: logger).run()
    }

    private func refuse(
        _ problems: [ConfigurationProblem],
        with status: ExitStatus
    ) throws(ProgramFailure) {
        guard !problems.isEmpty else { return }
        throw ProgramFailure(status, InvalidConfiguration(problems).description)
    }

    private func makeSecrets(_ path: String) throws(ProgramFailure) {
        // Where the directory cannot be made, the file cannot either, which says why.
        try? FileManager.default.createDirectory(
            at: URL(filePath: path).deletingLastPathComponent(),
            withIntermediateDirectories: true
        )
        do {
            try Secrets.generate().save(to: path)
        } catch {
            throw ProgramFailure(.failure, error.detail)
        }
        print("made \(path); copy it to the other peers of the shard, with mode 0600")
    }
}
