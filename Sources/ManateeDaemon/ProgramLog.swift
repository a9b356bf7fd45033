package import Logging
package import ManateeConfiguration
import ManateeLogging

/// The log of a daemon: on standard output, from the level that its user chose.
package enum ProgramLog {
    /// Makes every logger of this process write to the log; to be called once.
    ///
    /// - Parameters:
    ///   - name: The program's, in each line.
    ///   - configured: The level in the configuration file, for where nothing else says one.
    ///   - verbose: How many levels lower than `LOG_LEVEL` (`info` without it) the flags ask for.
    ///   - environment: Where `LOG_LEVEL` comes from, before the configuration file.
    /// - Returns: The program's own logger.
    /// - Throws: ``ProgramFailure`` of status `configuration` if `LOG_LEVEL` is no level.
    package static func start(
        name: String,
        configured: SitterSettings.LogThreshold,
        verbose: Int,
        environment: [String: String]
    ) throws(ProgramFailure) -> Logger {
        var threshold = verbose > 0 ? .info : configured
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
        let level = Logger.Level(threshold.lowered(by: verbose))
        let output = LogOutput(name: name, environment: environment)
        LoggingSystem.bootstrap { ManateeLogHandler(label: $0, level: level, output: output) }
        return Logger(label: name)
    }
}

extension Logger.Level {
    /// The level at which a configuration's threshold begins.
    fileprivate init(_ threshold: SitterSettings.LogThreshold) {
        switch threshold {
        case .trace: self = .trace
        case .debug: self = .debug
        case .info: self = .info
        case .warn: self = .warning
        case .error: self = .error
        case .fatal: self = .critical
        }
    }
}
