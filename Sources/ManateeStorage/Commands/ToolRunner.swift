import Dispatch
import Glibc
import ManateePorts
import ManateeProcesses

/// Runs administrative commands to their end, within bounds of time and output.
///
/// They are not cancelled with the task that asked for them: half a `destroy` helps nobody, and
/// cleaning up after a cancellation needs commands as well. Each is bounded by its limit instead.
struct ToolRunner: Sendable {
    /// What a command left behind.
    struct Output: Sendable {
        /// Its exit status; 128 and the signal's number if a signal ended it.
        var status: Int32
        /// Its standard output.
        var output: String
        /// Its standard error.
        var errors: String
    }

    /// How much of either output a command may write, in bytes; more, and it is killed.
    static let outputLimit = 4 << 20

    /// Runs a command, whatever its exit status will be.
    ///
    /// - Throws: `.failed` if it cannot be started or writes too much, `.timedOut`.
    func output(of command: ToolCommand) async throws(StorageFailure) -> Output {
        let result: Result<Output, StorageFailure> = await withCheckedContinuation { continuation in
            // A thread may block here: the pool grows with those that do, up to its own bound.
            DispatchQueue.global().async {
                let result = Result { () throws(StorageFailure) in try Self.execute(command) }
                continuation.resume(returning: result)
            }
        }
        return try result.get()
    }

    private static func execute(_ command: ToolCommand) throws(StorageFailure) -> Output {
        var run = BoundedRun(
            [command.path] + command.arguments,
            limit: command.limit,
            outputLimit: outputLimit
        )
        run.environment = ToolCommand.environment.map { "\($0.key)=\($0.value)" }
        run.errorsAreApart = true
        let ending: BoundedRun.Ending
        do {
            ending = try run.run()
        } catch {
            throw StorageFailure(error.number == ENOENT ? .unsupported : .failed, "\(error)")
        }
        switch ending.excess {
        case .time:
            throw StorageFailure(
                .timedOut,
                "'\(command.words)' did not end within \(command.limit) and was killed"
            )
        case .output:
            throw StorageFailure(
                .failed,
                "'\(command.words)' wrote more than \(outputLimit) bytes"
            )
        case .cancelled, nil:
            return Output(
                status: ending.exit.shellStatus,
                output: ending.output,
                errors: ending.errors
            )
        }
    }
}
