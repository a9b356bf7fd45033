import ManateeCore
import Subprocess
import SystemPackage

/// Runs PostgreSQL's tools as the server's user, within bounds of output and time.
///
/// A cancelled or late command is ended together with everything it started.
struct CommandRunner: Sendable {
    /// What a command left behind.
    struct Output: Sendable {
        /// Whether it ended with status 0.
        var succeeded: Bool
        /// Its standard output.
        var output: String
        /// The last lines of its standard error.
        var errors: String

        /// Whether it failed for want of space.
        var noSpace: Bool { errors.contains("No space left on device") }
    }

    /// How much standard output is kept, in bytes; more is a failure.
    static let outputLimit = 1 << 20
    /// How many lines of standard error are kept.
    static let errorLines = 30

    /// Whom commands run as.
    var user: ServerUser
    /// The file in which libpq looks for passwords.
    var passfile: String

    /// Runs a command to its end.
    ///
    /// - Parameters:
    ///   - path: the absolute path of the program.
    ///   - arguments: its arguments; never a secret, since every user can see them.
    ///   - limit: how long it may take; nil means as long as it wants.
    ///   - onErrorLine: called with each line of its standard error.
    /// - Returns: how it ended.
    /// - Throws: if it could not be started or did not end in time, or `cancelled`.
    func run(
        _ path: String,
        _ arguments: [String],
        within limit: Duration?,
        onErrorLine: @escaping @Sendable (String) -> Void = { _ in }
    ) async throws(PostgresFailure) -> Output {
        do {
            return try await withThrowingTaskGroup(of: Output?.self) { group in
                group.addTask { try await execute(path, arguments, onErrorLine) }
                if let limit {
                    group.addTask {
                        try await Task.sleep(for: limit)
                        return nil
                    }
                }
                defer { group.cancelAll() }
                guard let first = try await group.next(), let output = first else {
                    throw PostgresFailure(.other, "\(path) did not end within \(limit ?? .zero)")
                }
                try Task.checkCancellation()
                return output
            }
        } catch let failure as PostgresFailure {
            throw failure
        } catch {
            if Task.isCancelled { throw PostgresFailure(.cancelled, "\(path) was cancelled") }
            throw PostgresFailure(.other, "cannot run \(path): \(error)")
        }
    }

    private func execute(
        _ path: String,
        _ arguments: [String],
        _ onErrorLine: @Sendable (String) -> Void
    ) async throws -> Output {
        let words = user.prefix + [path] + arguments
        var options = PlatformOptions()
        // A session of its own, so that children (pg_basebackup has one) can be ended with it.
        options.createSession = true
        options.teardownSequence = [
            .send(signal: .terminate, toProcessGroup: true, allowedDurationToNextStep: .seconds(2)),
            .send(signal: .kill, toProcessGroup: true, allowedDurationToNextStep: .seconds(2)),
        ]
        let result = try await Subprocess.run(
            .path(FilePath(words[0])),
            arguments: Arguments(Array(words.dropFirst())),
            environment: .custom([
                "LC_ALL": "C", "TZ": "UTC", "PATH": "/usr/bin:/bin", "PGPASSFILE": passfile,
            ]),
            workingDirectory: "/",
            platformOptions: options,
            input: .none,
            output: .string(limit: Self.outputLimit),
            error: .sequence
        ) { execution in
            var lines: [String] = []
            for try await line in execution.standardError.strings() {
                let text = String(line)
                onErrorLine(text)
                lines.append(text)
                if lines.count > Self.errorLines { lines.removeFirst() }
            }
            return lines.joined(separator: "\n")
        }
        return Output(
            succeeded: result.terminationStatus.isSuccess,
            output: result.standardOutput,
            errors: result.closureResult
        )
    }
}
