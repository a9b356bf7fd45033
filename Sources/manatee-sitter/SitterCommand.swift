import ArgumentParser
import Foundation
import Logging
import ManateeConfiguration
import ManateeCore
import ManateeLogging
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

    @Option(name: .shortAndLong, help: "The configuration file.")
    var file: String

    @Flag(name: .short, help: "Log more: each -v is one level below LOG_LEVEL (default info).")
    var verbose: Int

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
        // A log reader that goes away must not take the sitter with it.
        signal(SIGPIPE, SIG_IGN)
        do {
            var command = try parse()
            try await command.run()
        } catch let failure as ProgramFailure {
            complain("manatee-sitter: \(failure.message)")
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
        let settingsFile: SitterSettingsFile
        do {
            settingsFile = try SitterSettingsFile.load(file, environment: environment)
        } catch {
            throw ProgramFailure(.configuration, "\(error)")
        }
        for warning in settingsFile.warnings { complain("warning: \(warning)") }
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
        let hostCheck = HostCheck(settingsFile, file: file, host: LocalHost())
        try refuse(hostCheck.problems, with: .configuration)
        let settings = settingsFile.settings
        if check { return try await StoreCheck(settings).run() }
        try refuse(hostCheck.takenPorts, with: .temporary)

        let level = try level(of: settings, environment: environment)
        let output = LogOutput(name: "manatee-sitter", environment: environment)
        LoggingSystem.bootstrap {
            ManateeLogHandler(label: $0, level: level, output: output)
        }
        try await SitterProgram(settings, logger: Logger(label: "manatee-sitter")).run()
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

    /// Flags come before the environment, and that before the file.
    private func level(
        of settings: SitterSettings,
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
        return Logger.Level(threshold.lowered(by: verbose))
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
func complain(_ text: String) {
    FileHandle.standardError.write(Data((text + "\n").utf8))
}
