import ArgumentParser
import Foundation
import Logging
import ManateeConfiguration
import ManateeLogging
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

    @Option(name: .shortAndLong, help: "The configuration file.")
    var file: String

    @Flag(name: .short, help: "Log more: each -v is one level below LOG_LEVEL (default info).")
    var verbose: Int

    @Flag(help: "Check the configuration and the storage, and change nothing.")
    var check = false

    @Flag(help: "Print the settings in effect, defaults included, and do nothing else.")
    var printEffective = false

    /// Runs the command, and leaves with a status of `ExitStatus`.
    static func main() async {
        // A log reader that goes away must not take the program with it.
        signal(SIGPIPE, SIG_IGN)
        do {
            var command = try parse()
            try await command.run()
        } catch let failure as ProgramFailure {
            complain("manatee-snapshotter: \(failure.message)")
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
        let settingsFile: SnapshotterSettingsFile
        do {
            settingsFile = try SnapshotterSettingsFile.load(file, environment: environment)
        } catch {
            throw ProgramFailure(.configuration, "\(error)")
        }
        for warning in settingsFile.warnings { complain("warning: \(warning)") }
        let settings = settingsFile.settings
        if printEffective {
            print(settings.effectiveYAML, terminator: "")
            return
        }
        let level = try level(of: settings, environment: environment)
        let output = LogOutput(name: "manatee-snapshotter", environment: environment)
        LoggingSystem.bootstrap {
            ManateeLogHandler(label: $0, level: level, output: output)
        }
        let program = SnapshotterProgram(settings, logger: Logger(label: "manatee-snapshotter"))
        if check { return print(try await program.check()) }
        try await program.run()
    }

    /// Flags come before the environment, and that before the file.
    private func level(
        of settings: SnapshotterSettings,
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
