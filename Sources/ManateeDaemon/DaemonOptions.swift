package import ArgumentParser
import Foundation
package import Logging
package import ManateeConfiguration

/// The options that every daemon has: its configuration, and how much it logs.
package struct DaemonOptions: ParsableArguments {
    /// The configuration file.
    @Option(name: .shortAndLong, help: "The configuration file.")
    package var file: String

    /// How many levels below the default it logs.
    @Flag(name: .short, help: "Log more: each -v is one level below LOG_LEVEL (default info).")
    package var verbose: Int

    /// Options that are yet to be parsed.
    package init() {}

    /// Reads the configuration file.
    ///
    /// - Parameter load: reads the file of this name, with the variables of this environment.
    /// - Returns: what `load` returned.
    /// - Throws: ``ProgramFailure`` of status `configuration` with all that is wrong.
    package func read<Settings>(
        _ load: (String, [String: String]) throws -> Settings
    ) throws(ProgramFailure) -> Settings {
        do {
            return try load(file, environment)
        } catch {
            throw ProgramFailure(.configuration, "\(error)")
        }
    }

    /// Starts the log; to be called once.
    ///
    /// - Parameters:
    ///   - name: the program's, in each line.
    ///   - configured: the level in the configuration file.
    /// - Returns: the program's own logger.
    /// - Throws: ``ProgramFailure`` of status `configuration` if `LOG_LEVEL` is no level.
    package func startLog(
        _ name: String,
        configured: SitterSettings.LogThreshold
    ) throws(ProgramFailure) -> Logger {
        try ProgramLog.start(
            name: name,
            configured: configured,
            verbose: verbose,
            environment: environment
        )
    }

    private var environment: [String: String] { ProcessInfo.processInfo.environment }
}
