import CLinux
import Glibc
import Logging
import ManateeCore
import ManateeGuard
import ManateeProcesses

/// Sees to it that a guard runs as long as we are in charge of a server, and tells it that we live.
///
/// Apart from the server's own actor, so that no call that takes long there silences it.
actor GuardKeeper {
    /// How long whoever has the lock may keep it: a guard is stopping the server, or a sitter is ending.
    private static let lockPatience = Duration.seconds(25)
    /// Marks the lines that a guard left.
    private static let recordPrefix = "{"

    private struct Running {
        var process: ServerProcess
        var pipe: Pipe
    }

    private let settings: PostgresServer.Settings.Guarding
    private let dataDirectory: String
    private let files: ServerFiles
    private let logger: Logger

    /// The guard file, locked while we are in charge.
    private var file: GuardFile?
    private var running: Running?
    /// Who we are in the guard file: no later process of the same number says the same.
    private let sitter: String
    private var isFailing = false

    /// A keeper that has done nothing yet.
    init(
        _ settings: PostgresServer.Settings.Guarding,
        dataDirectory: String,
        files: ServerFiles,
        logger: Logger
    ) {
        self.settings = settings
        self.dataDirectory = dataDirectory
        self.files = files
        self.logger = logger
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        sitter = "sitter \(getpid()) \(time.tv_sec).\(time.tv_nsec)"
    }

    /// The pause between two words to the guard: ten and more within the limit.
    private var pause: Duration { min(settings.limit / 10, .milliseconds(500)) }

    /// Takes charge of the data directory, and starts the guard; does nothing if that was done.
    ///
    /// - Throws: if another sitter is in charge, or no guard can be started.
    func begin() async throws {
        if file != nil { return }
        let file = try GuardFile(settings.file, files: files)
        let deadline = ContinuousClock.now + Self.lockPatience
        while !file.lock() {
            guard ContinuousClock.now < deadline else {
                throw PostgresFailure(
                    .other,
                    "another process is in charge of \(dataDirectory) (\(file.path) says: "
                        + "\(file.lines.first ?? "nothing")); end it, or name another data directory"
                )
            }
            try await Task.sleep(for: .milliseconds(20))
            // Another call of ours may have been in the way.
            if self.file != nil { return }
        }
        report(file)
        // Nobody's name, until ours stands for a guard that runs.
        file.rewrite(nil)
        running = try start(file)
        file.rewrite(sitter)
        self.file = file
    }

    /// Lets guard and data directory go, now that no server runs.
    func dismiss() {
        running?.pipe.say(.dismissed)
        running = nil
        file?.rewrite(nil)
        file = nil
    }

    /// Tells the guard that we live, and starts another when it is gone, until cancelled.
    func run() async {
        repeat { look() } while await PostgresServer.pause(pause)
    }

    private func look() {
        guard let file else { return }
        if file.size > sitter.utf8.count + 1 {
            report(file)
            file.rewrite(sitter)
        }
        if let running, running.process.exit == nil {
            // As many words as make the limit, and none was read.
            guard running.pipe.unread > Int(settings.limit / pause) else {
                running.pipe.say(.alive)
                return
            }
            running.process.send(SIGKILL)
        }
        replace(file)
    }

    private func replace(_ file: GuardFile) {
        let ended = running?.process.exit
        running = nil
        do {
            running = try start(file)
            isFailing = false
            logger.warning(
                "started another guard in the place of one that was gone or stood still",
                metadata: ["guard.exit": "\(ended?.description ?? "stood still")"]
            )
        } catch {
            // Said once: what follows are attempts of the same kind.
            if !isFailing {
                logger.error("no guard is running", metadata: ["error": "\(error)"])
            }
            isFailing = true
        }
    }

    private func start(_ file: GuardFile) throws(PostgresFailure) -> Running {
        guard access(settings.program, X_OK) == 0 else {
            throw files.failure("run (it belongs beside manatee-sitter)", settings.program)
        }
        let pipe = try Pipe()
        let order = GuardOrder(
            dataDirectory: dataDirectory,
            limit: settings.limit,
            sitter: sitter
        )
        let output = try file.reopened(files)
        defer { close(output) }
        let process = try ServerProcess.spawn(
            files.owner.prefix + [settings.program] + order.arguments,
            input: .descriptor(pipe.readEnd),
            output: .descriptor(output),
            onLoss: { _ in }
        )
        logger.debug("started a guard", metadata: ["guard.pid": "\(process.pid)"])
        return Running(process: process, pipe: pipe)
    }

    private func report(_ file: GuardFile) {
        for record in file.lines where record.hasPrefix(Self.recordPrefix) {
            logger.warning(
                "a guard stopped postgres, because no sitter was in charge of it",
                metadata: ["guard.record": "\(record)"]
            )
        }
    }
}

/// The way from a sitter to its guard.
///
/// We keep the reading end, too: so writing never fails because the guard is dead, and it can be seen
/// how much it has not read. Its own end is told by its process; ours, by the last writing end.
private final class Pipe: Sendable {
    let readEnd: Int32
    private let writeEnd: Int32

    init() throws(PostgresFailure) {
        var ends: [Int32] = [-1, -1]
        guard pipe2(&ends, O_CLOEXEC | O_NONBLOCK) == 0 else {
            throw PostgresFailure(
                .other,
                "cannot make a pipe: \(String(cString: strerror(errno)))"
            )
        }
        (readEnd, writeEnd) = (ends[0], ends[1])
    }

    deinit {
        close(readEnd)
        close(writeEnd)
    }

    /// Says a word; a full pipe is one that nobody reads, which `unread` tells.
    func say(_ word: GuardWord) {
        var byte = word.rawValue
        _ = write(writeEnd, &byte, 1)
    }

    /// How many words wait to be read.
    var unread: Int {
        var count: Int32 = 0
        return ioctl(readEnd, UInt(FIONREAD), &count) == 0 ? Int(count) : 0
    }
}
