import ArgumentParser
import Foundation
import Logging
import ManateeConfiguration
import ManateeLogging

/// The proxy for applications that know one address only.
@main
struct ProxyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "manatee-proxy",
        abstract: "Leads connections to a shard's primary, and readers to its standbys.",
        discussion: """
            The configuration is YAML; etc/manatee-proxy.yaml documents it. The log goes to standard \
            output: for people on a terminal, as JSON lines for `bunyan` otherwise. SIGTERM or SIGINT ends \
            the proxy: it takes no more clients and waits for those it has.

            Exit status:
            \(ExitStatus.table)
            """
    )

    @Option(name: .shortAndLong, help: "The configuration file.")
    var file: String

    @Flag(name: .short, help: "Log more: each -v is one level below LOG_LEVEL (default info).")
    var verbose: Int

    @Flag(help: "Check the configuration, and whether ZooKeeper knows the shard; do nothing else.")
    var check = false

    /// Runs the command, and leaves with a status of `ExitStatus`.
    static func main() async {
        // Neither a log reader nor a client that goes away must take the proxy with it.
        signal(SIGPIPE, SIG_IGN)
        do {
            var command = try parse()
            try await command.run()
        } catch let failure as ProgramFailure {
            complain("manatee-proxy: \(failure.message)")
            Foundation.exit(failure.status.rawValue)
        } catch {
            let code = exitCode(for: error)
            guard code.isSuccess else {
                complain(fullMessage(for: error))
                let status = code == .validationFailure ? ExitStatus.usage : .failure
                Foundation.exit(status.rawValue)
            }
            print(fullMessage(for: error))
        }
    }

    mutating func run() async throws {
        let environment = ProcessInfo.processInfo.environment
        let settings: ProxySettings
        do {
            settings = try ProxySettings.load(file, environment: environment)
        } catch {
            throw ProgramFailure(.configuration, "\(error)")
        }
        if check { return try await ProxyCheck(settings).run() }
        let level = try level(of: settings, environment: environment)
        let output = LogOutput(name: "manatee-proxy", environment: environment)
        LoggingSystem.bootstrap {
            ManateeLogHandler(label: $0, level: level, output: output)
        }
        try await ProxyProgram(settings, logger: Logger(label: "manatee-proxy")).run()
    }

    /// Flags come before the environment, and that before the file.
    private func level(
        of settings: ProxySettings,
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
        switch threshold.lowered(by: verbose) {
        case .trace: return .trace
        case .debug: return .debug
        case .info: return .info
        case .warn: return .warning
        case .error: return .error
        case .fatal: return .critical
        }
    }

    private static func complain(_ text: String) {
        FileHandle.standardError.write(Data((text + "\n").utf8))
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
