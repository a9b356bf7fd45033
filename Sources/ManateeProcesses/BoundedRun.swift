import Glibc

/// One run of a program within bounds of time and output; beyond them it is killed, with its group.
package struct BoundedRun: Sendable {
    /// Why one was killed, or would have been had it lasted.
    package enum Excess: Hashable, Sendable {
        /// It took longer than its limit.
        case time
        /// It wrote more than it may.
        case output
        /// Nobody waits for it any more.
        case cancelled
    }

    /// What one left behind.
    package struct Ending: Sendable {
        /// How it ended.
        package var exit: ProcessExit
        /// Which bound it did not keep; nil if it kept all.
        package var excess: Excess?
        /// The end of its standard output; of both outputs if errors are not apart.
        package var output: String
        /// The end of its standard error; empty if errors are not apart.
        package var errors: String
    }

    /// How often it is looked at while it runs.
    private static let slice = Duration.milliseconds(20)

    /// The absolute path of the program and its arguments.
    package var words: [String]
    /// Its whole environment, `NAME=value`; nil (default) for this process's own.
    package var environment: [String]?
    /// What it reads from its standard input; by default nothing.
    package var input = ""
    /// How long it may take.
    package var limit: Duration
    /// How much it may write to either output, in bytes.
    package var outputLimit: Int
    /// How much of the end of an output is kept, in bytes; by default all that it may write.
    package var outputKept: Int
    /// Whether its standard error is kept apart; by default it is not.
    package var errorsAreApart = false

    /// A run with defaults for everything that has one.
    package init(_ words: [String], limit: Duration, outputLimit: Int) {
        self.words = words
        self.limit = limit
        self.outputLimit = outputLimit
        outputKept = outputLimit
    }

    /// Runs it to its end, on a thread that may block, in the root directory: not in one that it may
    /// have to unmount.
    ///
    /// - Parameter isCancelled: asked again and again whether anybody still waits.
    /// - Returns: how it ended, and what it wrote.
    /// - Throws: if it cannot be started.
    package func run(isCancelled: () -> Bool = { false }) throws(ProcessFailure) -> Ending {
        let input = try MemoryFile(Array(self.input.utf8))
        let output = try MemoryFile()
        let errors = try MemoryFile()
        var spawn = Spawn(words, output: .descriptor(output.descriptor))
        spawn.environment = environment
        spawn.directory = "/"
        spawn.input = .descriptor(input.descriptor)
        if errorsAreApart { spawn.errors = .descriptor(errors.descriptor) }
        let deadline = ContinuousClock.now + limit
        let pid = try spawn.start()
        let process = try ProcessDescriptor(ofNewChild: pid)
        var excess: Excess?
        while excess == nil, !process.waitForEnd(within: Self.slice) {
            if isCancelled() {
                excess = .cancelled
            } else if ContinuousClock.now >= deadline {
                excess = .time
            } else if max(output.size, errors.size) > outputLimit {
                excess = .output
            }
        }
        if excess != nil { kill(-pid, SIGKILL) }
        let exit = ProcessExit(reaping: pid)
        if excess == nil, max(output.size, errors.size) > outputLimit { excess = .output }
        return Ending(
            exit: exit,
            excess: excess,
            output: output.text(last: outputKept),
            errors: errors.text(last: outputKept)
        )
    }
}
