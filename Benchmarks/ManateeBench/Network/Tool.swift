import Subprocess
import SystemPackage

/// Runs the system's tools, one at a time and to their end.
enum Tool {
    /// A tool failed: what was run and what it said.
    struct Failure: Error, CustomStringConvertible {
        var command: String
        var said: String

        var description: String { "`\(command)` failed: \(said)" }
    }

    /// Runs `command` and returns what it printed.
    ///
    /// - Throws: ``Failure`` if it does not end with status 0.
    @discardableResult
    static func run(_ command: String, _ arguments: String...) async throws -> String {
        try await run(command, arguments)
    }

    /// Runs `command` and returns what it printed.
    ///
    /// - Throws: ``Failure`` if it does not end with status 0.
    @discardableResult
    static func run(
        _ command: String,
        _ arguments: [String],
        environment: [String: String] = [:]
    ) async throws -> String {
        let changes = environment.map { (Environment.Key(stringLiteral: $0), Optional($1)) }
        let result = try await Subprocess.run(
            command.hasPrefix("/") ? .path(FilePath(command)) : .name(command),
            arguments: Arguments(arguments),
            environment: .inherit.updating(Dictionary(uniqueKeysWithValues: changes)),
            output: .string(limit: 1 << 20),
            error: .string(limit: 1 << 20)
        )
        guard result.terminationStatus.isSuccess else {
            throw Failure(
                command: ([command] + arguments).joined(separator: " "),
                said: result.standardOutput + result.standardError
            )
        }
        return result.standardOutput
    }
}
