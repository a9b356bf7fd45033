import CLinux
import Dispatch
import Foundation
import Glibc
import ManateeCore
import ManateeGuard
import Synchronization

/// A running postmaster, started by us or found running; or the guard beside it.
///
/// A thread of its own waits on the process's descriptor, so its end is known at once; nothing polls.
/// It is not tied to our life: a sitter that is replaced must cost nothing, so there is no
/// parent-death signal, and the successor adopts the server.
final class ServerProcess: Sendable {
    /// How it ended.
    enum Exit: Equatable, Sendable, CustomStringConvertible {
        /// With this status.
        case status(Int32)
        /// By this signal.
        case signal(Int32)
        /// It was not our child, so nobody told us.
        case unknown

        var description: String {
            switch self {
            case .status(let status): "exited with status \(status)"
            case .signal(let signal): "was ended by signal \(signal)"
            case .unknown: "ended"
            }
        }
    }

    /// What a program reads and writes.
    enum Streams {
        /// It reads nothing, and its output goes to this file, which is made anew.
        case output(file: String)
        /// It reads from the one descriptor and writes to the other; both stay open here.
        case descriptors(input: Int32, output: Int32)
    }

    private struct State {
        var exit: Exit?
        var expected = true
    }

    let pid: pid_t
    private let descriptor: Int32
    private let isChild: Bool
    private let onLoss: @Sendable (Exit) -> Void
    private let state = Mutex(State())
    /// Signalled once the exit is recorded.
    private let ended = DispatchSemaphore(value: 0)

    private init(
        pid: pid_t,
        descriptor: Int32,
        isChild: Bool,
        onLoss: @escaping @Sendable (Exit) -> Void
    ) {
        self.pid = pid
        self.descriptor = descriptor
        self.isChild = isChild
        self.onLoss = onLoss
    }

    deinit {
        close(descriptor)
    }

    /// Starts a program in a session of its own, so that a terminal's Ctrl-C does not reach it.
    ///
    /// - Parameters:
    ///   - words: the absolute path of the program and its arguments.
    ///   - streams: where its input comes from, and its output goes.
    ///   - onLoss: called, on a thread of its own, when it ends although `expectExit` was not called.
    /// - Returns: the process; its end is expected until `expectLife` is called.
    /// - Throws: if it cannot be started.
    static func spawn(
        _ words: [String],
        streams: Streams,
        onLoss: @escaping @Sendable (Exit) -> Void
    ) throws(PostgresFailure) -> ServerProcess {
        var actions = posix_spawn_file_actions_t()
        var attributes = posix_spawnattr_t()
        posix_spawn_file_actions_init(&actions)
        posix_spawnattr_init(&attributes)
        defer {
            posix_spawn_file_actions_destroy(&actions)
            posix_spawnattr_destroy(&attributes)
        }
        switch streams {
        case .output(let file):
            posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
            let flags = O_WRONLY | O_CREAT | O_TRUNC
            posix_spawn_file_actions_addopen(&actions, 1, file, flags, 0o600)
        case .descriptors(let input, let output):
            posix_spawn_file_actions_adddup2(&actions, input, 0)
            posix_spawn_file_actions_adddup2(&actions, output, 1)
        }
        posix_spawn_file_actions_adddup2(&actions, 1, 2)
        posix_spawn_file_actions_addclosefrom_np(&actions, 3)
        var signals = sigset_t()
        sigemptyset(&signals)
        posix_spawnattr_setsigmask(&attributes, &signals)
        sigfillset(&signals)
        posix_spawnattr_setsigdefault(&attributes, &signals)
        posix_spawnattr_setflags(
            &attributes,
            manatee_spawn_setsid | Int16(POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF)
        )
        let arguments = words.map { strdup($0) } + [nil]
        let settings = ["LC_ALL=C", "TZ=UTC", "PATH=/usr/bin:/bin"]
        let environment = settings.map { strdup($0) } + [nil]
        defer { for text in arguments + environment { free(text) } }
        var pid: pid_t = 0
        let result = posix_spawn(&pid, words[0], &actions, &attributes, arguments, environment)
        guard result == 0 else {
            throw PostgresFailure(
                .other,
                "cannot start \(words[0]): \(String(cString: strerror(result)))"
            )
        }
        let descriptor = pidfd_open(pid, 0)
        guard descriptor >= 0 else {
            let reason = String(cString: strerror(errno))
            kill(pid, SIGKILL)
            waitpid(pid, nil, 0)
            throw PostgresFailure(.other, "cannot watch process \(pid): \(reason)")
        }
        let process = ServerProcess(
            pid: pid,
            descriptor: descriptor,
            isChild: true,
            onLoss: onLoss
        )
        process.watch()
        return process
    }

    /// Takes over a running postmaster in `directory`; nil if `pid` is none.
    static func adopt(
        _ pid: pid_t,
        in directory: String,
        onLoss: @escaping @Sendable (Exit) -> Void
    ) -> ServerProcess? {
        let descriptor = pidfd_open(pid, 0)
        guard descriptor >= 0 else { return nil }
        // Looked at after the descriptor is open: the number cannot have been reused since.
        guard ProcessTable.isServer(pid, in: directory) else {
            close(descriptor)
            return nil
        }
        let process = ServerProcess(
            pid: pid,
            descriptor: descriptor,
            isChild: false,
            onLoss: onLoss
        )
        process.watch()
        return process
    }

    private func watch() {
        Thread.detachNewThread { [self] in
            var look = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
            while poll(&look, 1, -1) < 0 && errno == EINTR {}
            record(isChild ? reap() : .unknown)
        }
    }

    /// Takes the dead child off the process table: the next server would take it for alive.
    private func reap() -> Exit {
        var status: Int32 = 0
        var result = waitpid(pid, &status, 0)
        while result < 0 && errno == EINTR { result = waitpid(pid, &status, 0) }
        guard result == pid else { return .unknown }
        return status & 0x7F == 0 ? .status(status >> 8 & 0xFF) : .signal(status & 0x7F)
    }

    private func record(_ exit: Exit) {
        let expected = state.withLock { state in
            state.exit = exit
            return state.expected
        }
        ended.signal()
        if !expected { onLoss(exit) }
    }

    /// How it ended; nil while it runs.
    var exit: Exit? { state.withLock(\.exit) }

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
        pidfd_send_signal(descriptor, signal, nil, 0)
    }

    /// Waits for its end; not cancellable, since a stop that is begun must be finished.
    ///
    /// - Returns: how it ended; nil if it did not within `limit`.
    func exit(within limit: Duration) async -> Exit? {
        let milliseconds =
            limit.components.seconds * 1000 + limit.components.attoseconds / 1_000_000_000_000_000
        await withCheckedContinuation { continuation in
            DispatchQueue.global().async { [self] in
                var look = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
                if poll(&look, 1, Int32(clamping: milliseconds)) == 1 {
                    ended.wait()
                    ended.signal()
                }
                continuation.resume()
            }
        }
        return exit
    }
}
