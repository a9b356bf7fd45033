import Dispatch
import Foundation
import Glibc
import ManateeCore
import ManateeGuard
import ManateeProcesses
import Synchronization

/// A running postmaster, started by us or found running; or the guard beside it.
///
/// A thread of its own waits on the process's descriptor, so its end is known at once; nothing polls.
/// It is not tied to our life: a sitter that is replaced must cost nothing, so there is no
/// parent-death signal, and the successor adopts the server.
final class ServerProcess: Sendable {
    private struct State {
        var exit: ProcessExit?
        var expected = true
    }

    let pid: pid_t
    private let descriptor: ProcessDescriptor
    private let isChild: Bool
    private let onLoss: @Sendable (ProcessExit) -> Void
    private let state = Mutex(State())
    /// Signalled once the exit is recorded.
    private let ended = DispatchSemaphore(value: 0)

    private init(
        pid: pid_t,
        descriptor: consuming ProcessDescriptor,
        isChild: Bool,
        onLoss: @escaping @Sendable (ProcessExit) -> Void
    ) {
        self.pid = pid
        self.descriptor = descriptor
        self.isChild = isChild
        self.onLoss = onLoss
        watch()
    }

    /// Starts a program as our child, in a session of its own.
    ///
    /// - Parameters:
    ///   - words: the absolute path of the program and its arguments.
    ///   - input: what it reads from. Default: nothing.
    ///   - output: where its output and its errors go.
    ///   - onLoss: called, on a thread of its own, when it ends although `expectExit` was not called.
    /// - Returns: the process; its end is expected until `expectLife` is called.
    /// - Throws: if it cannot be started.
    static func spawn(
        _ words: [String],
        input: Spawn.Input = .nothing,
        output: Spawn.Output,
        onLoss: @escaping @Sendable (ProcessExit) -> Void
    ) throws(PostgresFailure) -> ServerProcess {
        var spawn = Spawn(words, output: output)
        spawn.environment = ["LC_ALL=C", "TZ=UTC", "PATH=/usr/bin:/bin"]
        spawn.input = input
        do {
            let pid = try spawn.start()
            return ServerProcess(
                pid: pid,
                descriptor: try ProcessDescriptor(ofNewChild: pid),
                isChild: true,
                onLoss: onLoss
            )
        } catch {
            throw PostgresFailure(.other, "\(error)")
        }
    }

    /// Takes over a running postmaster in `directory`; nil if `pid` is none.
    static func adopt(
        _ pid: pid_t,
        in directory: String,
        onLoss: @escaping @Sendable (ProcessExit) -> Void
    ) -> ServerProcess? {
        // Looked at after the descriptor is open: the number cannot have been reused since.
        guard let descriptor = try? ProcessDescriptor(pid),
            ProcessTable.isServer(pid, in: directory)
        else { return nil }
        return ServerProcess(
            pid: pid,
            descriptor: descriptor,
            isChild: false,
            onLoss: onLoss
        )
    }

    private func watch() {
        Thread.detachNewThread { [self] in
            _ = descriptor.waitForEnd()
            // A dead child is taken off the process table: the next server would take it for alive.
            record(isChild ? ProcessExit(reaping: pid) : .unknown)
        }
    }

    private func record(_ exit: ProcessExit) {
        let expected = state.withLock { state in
            state.exit = exit
            return state.expected
        }
        ended.signal()
        if !expected { onLoss(exit) }
    }

    /// How it ended; nil while it runs.
    var exit: ProcessExit? { state.withLock(\.exit) }

    /// Whether its end would be nobody's surprise.
    var isEndExpected: Bool { state.withLock(\.expected) }

    /// From now on its end is nobody's surprise.
    func expectExit() {
        state.withLock { $0.expected = true }
    }

    /// From now on its end is a loss.
    func expectLife() {
        let exit = state.withLock { state in
            state.expected = false
            return state.exit
        }
        if let exit { onLoss(exit) }
    }

    /// Sends a signal to this very process; harmless if it has ended.
    func send(_ signal: Int32) {
        descriptor.send(signal)
    }

    /// Waits for its end; not cancellable, since a stop that is begun must be finished.
    ///
    /// - Returns: how it ended; nil if it did not within `limit`.
    func exit(within limit: Duration) async -> ProcessExit? {
        await withCheckedContinuation { continuation in
            DispatchQueue.global().async { [self] in
                if descriptor.waitForEnd(within: limit) {
                    ended.wait()
                    ended.signal()
                }
                continuation.resume()
            }
        }
        return exit
    }
}
