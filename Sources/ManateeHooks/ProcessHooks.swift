import Dispatch
package import ManateePorts
import ManateeProcesses
import Synchronization

/// Hooks that are programs of this host.
package struct ProcessHooks: HookRunner {
    /// How much one may write, in bytes; more, and it is killed.
    private static let outputLimit = 1 << 20
    /// How much of the end of that is kept, in bytes.
    private static let outputKept = 4096

    private let commands: [HookEvent: [String]]
    private let limit: Duration

    /// Runs `commands`, each a program's absolute path and its arguments, without a shell; each may
    /// take as long as `limit`.
    package init(_ commands: [HookEvent: [String]], limit: Duration) {
        self.commands = commands
        self.limit = limit
    }

    /// Runs the command for the notice's event, with the notice as JSON on its standard input.
    package func run(_ notice: HookNotice) async -> HookResult? {
        guard let words = commands[notice.event], !words.isEmpty else { return nil }
        var run = BoundedRun(words, limit: limit, outputLimit: Self.outputLimit)
        run.input = HookJSON.text(notice)
        run.outputKept = Self.outputKept
        let cancelled = CancellationFlag()
        return await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                // A thread may block here: one hook runs at a time.
                DispatchQueue.global().async { [run] in
                    continuation.resume(returning: Self.result(of: run) { cancelled.isSet })
                }
            }
        } onCancel: {
            cancelled.set()
        }
    }

    private static func result(of run: BoundedRun, isCancelled: () -> Bool) -> HookResult {
        do {
            let ending = try run.run(isCancelled: isCancelled)
            let end: HookResult.End =
                switch ending.excess {
                case .time: .timedOut(run.limit)
                case .output: .tooMuchOutput(run.outputLimit)
                case .cancelled: .cancelled
                case nil: .exited(ending.exit.shellStatus)
                }
            return HookResult(end, output: ending.output)
        } catch {
            return HookResult(.notStarted("\(error)"))
        }
    }
}

/// Whether a task was cancelled, for a thread that is none of its own.
private final class CancellationFlag: Sendable {
    private let flag = Atomic(false)

    var isSet: Bool { flag.load(ordering: .relaxed) }

    func set() { flag.store(true, ordering: .relaxed) }
}
