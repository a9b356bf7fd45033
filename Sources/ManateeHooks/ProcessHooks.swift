import Dispatch
package import ManateePorts
import Synchronization

/// Hooks that are programs of this host.
package struct ProcessHooks: HookRunner {
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
        let process = HookProcess(words: words, input: HookJSON.text(notice), limit: limit)
        let cancelled = CancellationFlag()
        return await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                // A thread may block here: one hook runs at a time.
                DispatchQueue.global().async {
                    continuation.resume(returning: process.run { cancelled.isSet })
                }
            }
        } onCancel: {
            cancelled.set()
        }
    }
}

/// Whether a task was cancelled, for a thread that is none of its own.
private final class CancellationFlag: Sendable {
    private let flag = Atomic(false)

    var isSet: Bool { flag.load(ordering: .relaxed) }

    func set() { flag.store(true, ordering: .relaxed) }
}
