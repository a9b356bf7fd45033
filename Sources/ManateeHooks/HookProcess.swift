import CLinux
import FoundationEssentials
import Glibc
import ManateePorts

/// One run of a hook's program.
struct HookProcess: Sendable {
    /// How much it may write, in bytes; more, and it is killed.
    static let outputLimit = 1 << 20
    /// How much of the end of that is kept, in bytes.
    static let outputKept = 4096
    /// How often it is looked at while it runs, in milliseconds.
    private static let slice: Int32 = 20

    /// The program's absolute path, and its arguments.
    var words: [String]
    /// What it reads from its standard input.
    var input: String
    /// How long it may take.
    var limit: Duration

    /// Runs it to its end, on a thread that may block.
    func run(isCancelled: () -> Bool) -> HookResult {
        let (input, output) = (manatee_memory_file("input"), manatee_memory_file("output"))
        defer {
            if input >= 0 { close(input) }
            if output >= 0 { close(output) }
        }
        let bytes = Array(self.input.utf8)
        guard input >= 0, output >= 0, write(input, bytes, bytes.count) == bytes.count,
            lseek(input, 0, SEEK_SET) == 0
        else {
            return HookResult(.notStarted("no file in memory: \(Self.words(for: errno))"))
        }
        let started = ContinuousClock.now
        var pid: pid_t = 0
        let failure = spawn(&pid, input: input, output: output)
        guard failure == 0 else {
            return HookResult(
                .notStarted("cannot start \(words[0]): \(Self.words(for: failure))")
            )
        }
        let killed = watch(
            pid,
            output: output,
            until: started.advanced(by: limit),
            isCancelled: isCancelled
        )
        if killed != nil { kill(-pid, SIGKILL) }
        var status: Int32 = 0
        while waitpid(pid, &status, 0) < 0, errno == EINTR {}
        let signal = status & 0x7F
        let exit = signal == 0 ? (status >> 8) & 0xFF : 128 + signal
        return HookResult(killed ?? .exited(exit), output: Self.tail(output))
    }

    /// Waits until the process ends; why it must be killed if it does not.
    private func watch(
        _ pid: pid_t,
        output: Int32,
        until deadline: ContinuousClock.Instant,
        isCancelled: () -> Bool
    ) -> HookResult.End? {
        let descriptor = pidfd_open(pid, 0)
        guard descriptor >= 0 else {
            return .notStarted("cannot watch \(words[0]): \(Self.words(for: errno))")
        }
        defer { close(descriptor) }
        while true {
            var entry = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
            if poll(&entry, 1, Self.slice) > 0 { return nil }
            if isCancelled() { return .cancelled }
            if ContinuousClock.now >= deadline { return .timedOut(limit) }
            if Self.size(output) > Self.outputLimit { return .tooMuchOutput(Self.outputLimit) }
        }
    }

    /// Starts the program in a session of its own, so that a kill reaches its children too.
    private func spawn(_ pid: inout pid_t, input: Int32, output: Int32) -> Int32 {
        var actions = posix_spawn_file_actions_t()
        var attributes = posix_spawnattr_t()
        posix_spawn_file_actions_init(&actions)
        posix_spawnattr_init(&attributes)
        defer {
            posix_spawn_file_actions_destroy(&actions)
            posix_spawnattr_destroy(&attributes)
        }
        posix_spawn_file_actions_adddup2(&actions, input, 0)
        posix_spawn_file_actions_adddup2(&actions, output, 1)
        posix_spawn_file_actions_adddup2(&actions, output, 2)
        posix_spawn_file_actions_addclosefrom_np(&actions, 3)
        posix_spawn_file_actions_addchdir_np(&actions, "/")
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
        let environment =
            ProcessInfo.processInfo.environment.map { strdup("\($0.key)=\($0.value)") } + [nil]
        defer { for text in arguments + environment { free(text) } }
        return posix_spawn(&pid, words[0], &actions, &attributes, arguments, environment)
    }

    private static func size(_ descriptor: Int32) -> Int {
        var facts = stat()
        return fstat(descriptor, &facts) == 0 ? Int(facts.st_size) : 0
    }

    private static func tail(_ descriptor: Int32) -> String {
        let size = size(descriptor)
        var bytes = [UInt8](repeating: 0, count: min(size, outputKept))
        let count = pread(descriptor, &bytes, bytes.count, off_t(size - bytes.count))
        return String(decoding: bytes.prefix(max(count, 0)), as: UTF8.self)
    }

    private static func words(for error: Int32) -> String { String(cString: strerror(error)) }
}
