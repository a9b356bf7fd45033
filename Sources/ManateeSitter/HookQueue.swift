package import Logging
package import ManateePorts
import ServiceLifecycle
import Synchronization

/// Runs hooks one after the other, in the order of what happened.
///
/// Nobody waits for them but a switchover that asks beforehand.
package final class HookQueue: Service {
    /// How many may wait; more are dropped, with an error in the log.
    ///
    /// The end of a switchover that was announced is never dropped.
    package static let capacity = 64

    private struct Turn: Sendable {
        var notice: HookNotice
        /// Who waits for how it ended; nil if nobody does.
        var answer: AsyncStream<HookResult?>.Continuation?
    }

    private let runner: any HookRunner
    private let logger: Logger
    private let turns: AsyncStream<Turn>
    private let toDo: AsyncStream<Turn>.Continuation
    private let waiting = Mutex(0)

    /// A queue before `runner`.
    package init(runner: any HookRunner, logger: Logger) {
        self.runner = runner
        self.logger = logger
        (turns, toDo) = AsyncStream.makeStream()
    }

    /// Lets the hook for `notice` run when it is its turn.
    package func tell(_ notice: HookNotice) { enqueue(Turn(notice: notice)) }

    /// Lets the hook for `notice` run when it is its turn, and waits for it.
    ///
    /// - Returns: how it ended; nil if there is none, or if the task was cancelled.
    package func ask(_ notice: HookNotice) async -> HookResult? {
        let (answers, answer) = AsyncStream.makeStream(of: HookResult?.self)
        guard enqueue(Turn(notice: notice, answer: answer)) else {
            return HookResult(.notStarted("\(Self.capacity) hooks are waiting already"))
        }
        for await result in answers { return result }
        return nil
    }

    /// Runs what comes until graceful shutdown or cancellation, which kills the hook that runs.
    package func run() async throws {
        await cancelWhenGracefulShutdown {
            for await turn in self.turns {
                self.waiting.withLock { $0 -= 1 }
                let result = await self.runner.run(turn.notice)
                if let result { self.log(result, of: turn.notice) }
                turn.answer?.yield(result)
                turn.answer?.finish()
            }
        }
    }

    @discardableResult
    private func enqueue(_ turn: Turn) -> Bool {
        let isAdmitted = waiting.withLock { count in
            guard count < Self.capacity || turn.notice.event == .afterSwitchover else {
                return false
            }
            count += 1
            return true
        }
        guard isAdmitted else {
            logger.error(
                "hook dropped: too many wait",
                metadata: ["hook": "\(turn.notice.event.rawValue)"]
            )
            return false
        }
        toDo.yield(turn)
        return true
    }

    private func log(_ result: HookResult, of notice: HookNotice) {
        var metadata: Logger.Metadata = [
            "hook": "\(notice.event.rawValue)", "hook.output": "\(result.output)",
        ]
        if case .exited(let status) = result.end { metadata["exit.status"] = "\(status)" }
        if let problem = result.problem {
            metadata["reason"] = "\(problem)"
            logger.warning("hook failed", metadata: metadata)
        } else {
            logger.info("hook ran", metadata: metadata)
        }
    }
}

extension HookResult {
    /// Why it does not count as success; nil if it does.
    var problem: String? {
        switch end {
        case .exited(0): nil
        case .exited(let status): "it exited with status \(status)"
        case .timedOut(let limit): "it did not end within \(limit) and was killed"
        case .tooMuchOutput(let bytes): "it wrote more than \(bytes) bytes and was killed"
        case .cancelled: "it was killed because the sitter ends"
        case .notStarted(let why): why
        }
    }
}
