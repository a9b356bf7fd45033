import CLinux
import Glibc

/// A program that is to be started in a session of its own.
///
/// A terminal's Ctrl-C does not reach it, and a kill of its group reaches its children. It gets no open
/// file but the three that are named here, and no signal is blocked or ignored.
package struct Spawn: Sendable {
    /// What it reads from.
    package enum Input: Sendable {
        /// It reads nothing.
        case nothing
        /// A descriptor, which stays open here.
        case descriptor(Int32)
    }

    /// What it writes to.
    package enum Output: Sendable {
        /// A file that is made with this mode, or emptied.
        case newFile(String, mode: UInt32)
        /// A file that is made with this mode, or written to at its end.
        case endOfFile(String, mode: UInt32)
        /// A descriptor, which stays open here.
        case descriptor(Int32)
    }

    /// The absolute path of the program and its arguments; everybody can read them, so no secrets.
    package var words: [String]
    /// Its whole environment, `NAME=value`; nil (default) for this process's own.
    package var environment: [String]?
    /// Where it runs; nil (default) for this process's own directory.
    package var directory: String?
    /// Its standard input; by default nothing.
    package var input = Input.nothing
    /// Its standard output.
    package var output: Output
    /// Its standard error; nil (default) for the same as its output.
    package var errors: Output?

    /// A program with defaults for everything that has one.
    package init(_ words: [String], output: Output) {
        self.words = words
        self.output = output
    }

    /// Starts it.
    ///
    /// - Returns: its number; it must be reaped.
    /// - Throws: if it cannot be started.
    package func start() throws(ProcessFailure) -> Int32 {
        var actions = posix_spawn_file_actions_t()
        var attributes = posix_spawnattr_t()
        posix_spawn_file_actions_init(&actions)
        posix_spawnattr_init(&attributes)
        defer {
            posix_spawn_file_actions_destroy(&actions)
            posix_spawnattr_destroy(&attributes)
        }
        switch input {
        case .nothing: posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
        case .descriptor(let input): posix_spawn_file_actions_adddup2(&actions, input, 0)
        }
        Self.add(output, as: 1, to: &actions)
        if let errors {
            Self.add(errors, as: 2, to: &actions)
        } else {
            posix_spawn_file_actions_adddup2(&actions, 1, 2)
        }
        posix_spawn_file_actions_addclosefrom_np(&actions, 3)
        if let directory { posix_spawn_file_actions_addchdir_np(&actions, directory) }
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
        let variables = environment.map { $0.map { strdup($0) } + [nil] }
        defer { for text in arguments + (variables ?? []) { free(text) } }
        var pid: pid_t = 0
        let result =
            if let variables {
                posix_spawn(&pid, words[0], &actions, &attributes, arguments, variables)
            } else {
                posix_spawn(&pid, words[0], &actions, &attributes, arguments, environ)
            }
        guard result == 0 else {
            throw ProcessFailure(attempt: "start \(words[0])", number: result)
        }
        return pid
    }

    private static func add(
        _ output: Output,
        as number: Int32,
        to actions: inout posix_spawn_file_actions_t
    ) {
        let make = O_WRONLY | O_CREAT
        switch output {
        case .newFile(let path, let mode):
            posix_spawn_file_actions_addopen(&actions, number, path, make | O_TRUNC, mode)
        case .endOfFile(let path, let mode):
            posix_spawn_file_actions_addopen(&actions, number, path, make | O_APPEND, mode)
        case .descriptor(let descriptor):
            posix_spawn_file_actions_adddup2(&actions, descriptor, number)
        }
    }
}
