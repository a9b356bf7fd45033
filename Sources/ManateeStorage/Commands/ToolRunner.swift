import CLinux
import Dispatch
import Glibc
import ManateePorts

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
    /// How often a running command's output is measured, in milliseconds.
    private static let slice: Int32 = 20

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
        let output = try memoryFile("output")
        defer { close(output) }
        let errors = try memoryFile("errors")
        defer { close(errors) }
        let pid = try spawn(command, output: output, errors: errors)
        let descriptor = pidfd_open(pid, 0)
        defer { if descriptor >= 0 { close(descriptor) } }
        let deadline = ContinuousClock.now.advanced(by: command.limit)
        var failure: StorageFailure?
        while true {
            var entry = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
            if poll(&entry, 1, slice) > 0 { break }
            if descriptor < 0 || ContinuousClock.now >= deadline {
                failure = StorageFailure(
                    .timedOut,
                    "'\(command.words)' did not end within \(command.limit) and was killed"
                )
            } else if max(size(output), size(errors)) > outputLimit {
                failure = tooMuch(command)
            }
            if failure != nil {
                kill(-pid, SIGKILL)
                break
            }
        }
        var status: Int32 = 0
        while waitpid(pid, &status, 0) < 0, errno == EINTR {}
        if let failure { throw failure }
        guard max(size(output), size(errors)) <= outputLimit else { throw tooMuch(command) }
        let signal = status & 0x7F
        return Output(
            status: signal == 0 ? (status >> 8) & 0xFF : 128 + signal,
            output: text(output),
            errors: text(errors)
        )
    }

    private static func tooMuch(_ command: ToolCommand) -> StorageFailure {
        StorageFailure(.failed, "'\(command.words)' wrote more than \(outputLimit) bytes")
    }

    private static func spawn(
        _ command: ToolCommand,
        output: Int32,
        errors: Int32
    ) throws(StorageFailure) -> pid_t {
        var actions = posix_spawn_file_actions_t()
        var attributes = posix_spawnattr_t()
        posix_spawn_file_actions_init(&actions)
        posix_spawnattr_init(&attributes)
        defer {
            posix_spawn_file_actions_destroy(&actions)
            posix_spawnattr_destroy(&attributes)
        }
        posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
        posix_spawn_file_actions_adddup2(&actions, output, 1)
        posix_spawn_file_actions_adddup2(&actions, errors, 2)
        posix_spawn_file_actions_addclosefrom_np(&actions, 3)
        // Not from a directory that the command may have to unmount.
        posix_spawn_file_actions_addchdir_np(&actions, "/")
        var signals = sigset_t()
        sigemptyset(&signals)
        posix_spawnattr_setsigmask(&attributes, &signals)
        sigfillset(&signals)
        posix_spawnattr_setsigdefault(&attributes, &signals)
        // A session of its own, so that a kill reaches its children too.
        posix_spawnattr_setflags(
            &attributes,
            manatee_spawn_setsid | Int16(POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF)
        )
        let arguments = ([command.path] + command.arguments).map { strdup($0) } + [nil]
        let environment = ToolCommand.environment.map { strdup("\($0.key)=\($0.value)") } + [nil]
        defer { for text in arguments + environment { free(text) } }
        var pid: pid_t = 0
        let result = posix_spawn(
            &pid,
            command.path,
            &actions,
            &attributes,
            arguments,
            environment
        )
        guard result == 0 else {
            throw StorageFailure(
                result == ENOENT ? .unsupported : .failed,
                "cannot start \(command.path): \(String(cString: strerror(result)))"
            )
        }
        return pid
    }

    private static func memoryFile(_ name: String) throws(StorageFailure) -> Int32 {
        let descriptor = manatee_memory_file(name)
        guard descriptor >= 0 else {
            throw StorageFailure(
                .failed,
                "cannot make a file in memory: \(String(cString: strerror(errno)))"
            )
        }
        return descriptor
    }

    private static func size(_ descriptor: Int32) -> Int {
        var facts = stat()
        return fstat(descriptor, &facts) == 0 ? Int(facts.st_size) : 0
    }

    private static func text(_ descriptor: Int32) -> String {
        var bytes = [UInt8](repeating: 0, count: size(descriptor))
        let count = pread(descriptor, &bytes, bytes.count, 0)
        return String(decoding: bytes.prefix(max(count, 0)), as: UTF8.self)
    }
}
