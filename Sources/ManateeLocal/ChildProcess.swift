import Glibc
import Synchronization

/// A program that was started by this process, and ends with it at the latest.
///
/// It runs in a session of its own, so that a Ctrl-C at the terminal does not reach it, with no open
/// files but its log. If this process ends, however it does, the kernel sends it
/// `Launch.parentDeathSignal`. Its exit is seen at once: a thread waits for it.
package final class ChildProcess: Sendable {
    /// How a program ended.
    package enum Exit: Hashable, Sendable, CustomStringConvertible {
        /// It ended by itself, with this status.
        case code(Int32)
        /// It was ended by this signal.
        case signal(Int32)

        /// The exit as a message shows it.
        package var description: String {
            switch self {
            case .code(let code): "exit status \(code)"
            case .signal(let number): "signal \(number)"
            }
        }
    }

    /// What the kernel sends when this process ends; the raw value is the signal's name.
    package enum ParentDeathSignal: String, Sendable {
        /// Ends it at once.
        case kill = "KILL"
        /// Asks it to end.
        case terminate = "TERM"
        /// Interrupts it; postgres ends its clients' connections and shuts down.
        case interrupt = "INT"
        /// Makes it quit; postgres ends without a checkpoint.
        case quit = "QUIT"
    }

    /// What to start.
    package struct Launch: Sendable {
        /// The program's absolute path.
        package var program: String
        /// Its arguments, without the program's name; everybody can read them, so no secrets.
        package var arguments: [String]
        /// Its whole environment; nil (default) for this process's own.
        package var environment: [String: String]?
        /// Where it runs; nil (default) for this process's own directory.
        package var directory: String?
        /// The file that its output and errors are appended to.
        package var logFile: String
        /// The user to become, which only root can; nil (default) for none.
        package var user: String?
        /// The signal that the kernel sends when this process ends; default SIGKILL.
        package var parentDeathSignal = ParentDeathSignal.kill

        /// A launch with defaults for everything that may have one.
        package init(program: String, arguments: [String], logFile: String) {
            self.program = program
            self.arguments = arguments
            self.logFile = logFile
        }
    }

    private struct Waiter {
        var id: UInt64
        var continuation: CheckedContinuation<Exit?, Never>
    }

    private struct State {
        var exit: Exit?
        var waiters: [Waiter] = []
        var waiterCount: UInt64 = 0
        /// Those that wait even if they are cancelled.
        var finalWaiters: [CheckedContinuation<Exit, Never>] = []
    }

    /// Shared with the thread that waits, so that it does not keep the process object alive.
    private final class Shared: Sendable {
        let state = Mutex(State())
    }

    /// The process's number; another process may get it after the exit.
    package let processID: Int32
    private let shared = Shared()

    private init(processID: Int32) {
        self.processID = processID
    }

    /// Starts a program.
    ///
    /// - Throws: ``LaunchFailure`` if it cannot be started.
    package static func start(_ launch: Launch) async throws(LaunchFailure) -> ChildProcess {
        let result = await withCheckedContinuation { continuation in
            ProcessSpawner.shared.spawn(launch) { continuation.resume(returning: $0) }
        }
        let child = ChildProcess(processID: try result.get())
        child.watch()
        return child
    }

    deinit {
        // The owner forgot to stop it.
        send(SIGKILL)
    }

    /// How it ended; nil while it runs.
    package var exit: Exit? { shared.state.withLock { $0.exit } }

    /// Whether it has not ended yet.
    package var isRunning: Bool { exit == nil }

    /// Waits for its end.
    ///
    /// - Returns: How it ended; nil if the waiting task was cancelled.
    package func waitForExit() async -> Exit? {
        let id = shared.state.withLock { state in
            state.waiterCount += 1
            return state.waiterCount
        }
        return await withTaskCancellationHandler {
            await withCheckedContinuation { (continuation: CheckedContinuation<Exit?, Never>) in
                let ready: Exit?? = shared.state.withLock { state in
                    if let exit = state.exit { return .some(exit) }
                    // Asked under the lock: a cancellation that comes later finds the waiter.
                    if Task.isCancelled { return .some(nil) }
                    state.waiters.append(Waiter(id: id, continuation: continuation))
                    return .none
                }
                if let ready {
                    continuation.resume(returning: ready)
                }
            }
        } onCancel: {
            let waiter: Waiter? = shared.state.withLock { state in
                guard let index = state.waiters.firstIndex(where: { $0.id == id }) else {
                    return nil
                }
                return state.waiters.remove(at: index)
            }
            waiter?.continuation.resume(returning: nil)
        }
    }

    /// Sends a signal; does nothing after its end.
    package func send(_ signal: Int32) {
        // Under the lock: it is reaped under the same lock, so its number is still its own.
        shared.state.withLock { state in
            guard state.exit == nil else { return }
            _ = kill(processID, signal)
        }
    }

    /// Stops all of its threads until ``thaw()``, as if the machine had stopped.
    package func freeze() {
        send(SIGSTOP)
    }

    /// Lets it go on after ``freeze()``.
    package func thaw() {
        send(SIGCONT)
    }

    /// Asks it to end, and ends it if it does not within `patience`.
    ///
    /// - Parameters:
    ///   - signal: How it is asked. Default SIGTERM.
    ///   - patience: How long it may take. Default 10 s.
    /// - Returns: How it ended.
    @discardableResult
    package func stop(
        signal: Int32 = SIGTERM,
        patience: Duration = .seconds(10)
    ) async -> Exit {
        send(signal)
        // One that is frozen would not hear it.
        send(SIGCONT)
        let ended = await withTaskGroup(of: Exit?.self) { group in
            group.addTask { await self.waitForExit() }
            group.addTask {
                // Fails only when it is cancelled, because the process has ended.
                try? await Task.sleep(for: patience)
                return nil
            }
            defer { group.cancelAll() }
            return await group.next() ?? nil
        }
        if let ended {
            return ended
        }
        send(SIGKILL)
        return await untilExit()
    }

    /// Waits for the end of a process that was killed; a cancelled task waits as well, because nobody
    /// else would see that it is gone.
    private func untilExit() async -> Exit {
        await withCheckedContinuation { continuation in
            let ready = shared.state.withLock { state in
                if state.exit == nil {
                    state.finalWaiters.append(continuation)
                }
                return state.exit
            }
            if let ready {
                continuation.resume(returning: ready)
            }
        }
    }

    /// Lets a thread wait for the end, and tell everybody who waits here.
    private func watch() {
        let processID = processID
        let shared = shared
        DetachedThread.start(for: "child \(processID)") {
            var information = siginfo_t()
            // Waits without reaping, so that nobody signals a number that is free already.
            while waitid(P_PID, id_t(processID), &information, WEXITED | WNOWAIT) == -1,
                errno == EINTR
            {}
            let (exit, waiters, finalWaiters) = shared.state.withLock { state in
                var status: Int32 = 0
                while waitpid(processID, &status, 0) == -1, errno == EINTR {}
                let exit = Exit(waitStatus: status)
                state.exit = exit
                defer {
                    state.waiters = []
                    state.finalWaiters = []
                }
                return (exit, state.waiters, state.finalWaiters)
            }
            for waiter in waiters {
                waiter.continuation.resume(returning: exit)
            }
            for waiter in finalWaiters {
                waiter.resume(returning: exit)
            }
        }
    }
}

extension ChildProcess.Exit {
    /// What `waitpid` says.
    init(waitStatus status: Int32) {
        let signal = status & 0x7f
        self = signal == 0 ? .code(status >> 8 & 0xff) : .signal(signal)
    }
}
