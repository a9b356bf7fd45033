import ArgumentParser
import Foundation
import Logging
import ManateeBackup
import ManateeConfiguration
import ManateeLogging
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

    @Option(name: .shortAndLong, help: "The configuration file.")
    var file: String

    @Flag(name: .short, help: "Log more: each -v is one level below LOG_LEVEL (default info).")
    var verbose: Int

    @Flag(help: "Check the configuration, the token and the storage, and change nothing.")
    var check = false

    @Flag(help: "Print the settings in effect, defaults included, and do nothing else.")
    var printEffective = false

    @Flag(help: "Make the file with the token that the configuration names, with a new token.")
    var createToken = false

    /// Runs the command, and leaves with a status of `ExitStatus`.
    static func main() async {
        // A log reader that goes away must not take the program with it.
        signal(SIGPIPE, SIG_IGN)
        do {
            var command = try parse()
            try await command.run()
        } catch let failure as ProgramFailure {
            complain("manatee-backupserver: \(failure.message)")
            Foundation.exit(failure.status.rawValue)
        } catch {
            let code = exitCode(for: error)
            if code.isSuccess {
                print(fullMessage(for: error))
                Foundation.exit(ExitStatus.success.rawValue)
            }
            complain(fullMessage(for: error))
            let status = code == .validationFailure ? ExitStatus.usage : .failure
            Foundation.exit(status.rawValue)
        }
    }

    mutating func run() async throws {
        let environment = ProcessInfo.processInfo.environment
        let settingsFile: BackupServerSettingsFile
        do {
            settingsFile = try BackupServerSettingsFile.load(file, environment: environment)
        } catch {
            throw ProgramFailure(.configuration, "\(error)")
        }
        for warning in settingsFile.warnings { complain("warning: \(warning)") }
        let settings = settingsFile.settings
        if printEffective {
            print(settings.effectiveYAML, terminator: "")
            return
        }
        if createToken { return try makeToken(settings.tokenFile) }
        let level = try level(of: settings, environment: environment)
        let output = LogOutput(name: "manatee-backupserver", environment: environment)
        LoggingSystem.bootstrap {
            ManateeLogHandler(label: $0, level: level, output: output)
        }
        let program = BackupServerProgram(settings, logger: Logger(label: "manatee-backupserver"))
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

    /// Flags come before the environment, and that before the file.
    private func level(
        of settings: BackupServerSettings,
        environment: [String: String]
    ) throws(ProgramFailure) -> Logger.Level {
        var threshold = verbose > 0 ? .info : settings.logLevel
        if let word = environment["LOG_LEVEL"], !word.isEmpty {
            guard let named = SitterSettings.LogThreshold(rawValue: word) else {
                let names = SitterSettings.LogThreshold.allCases.map(\.rawValue)
                throw ProgramFailure(
                    .configuration,
                    "environment variable LOG_LEVEL: found \(word); "
                        + "expected one of \(names.joined(separator: ", "))"
                )
            }
            threshold = named
        }
        return Logger.Level(bunyan: threshold.lowered(by: verbose).rawValue) ?? .info
    }
}

/// Why the program ends, and with what status.
struct ProgramFailure: Error {
    var status: ExitStatus
    var message: String

    init(_ status: ExitStatus, _ message: String) {
        self.status = status
        self.message = message
    }
}

/// Writes to standard error.
private func complain(_ text: String) {
    FileHandle.standardError.write(Data((text + "\n").utf8))
}
