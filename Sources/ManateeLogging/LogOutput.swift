import Glibc
import Logging
import Synchronization

/// Where a program's log goes, in the form that suits who reads it there.
///
/// A reader that stops reading (a paused terminal, a stuck pipe) must not stop the program: after
/// `patience` lines are dropped until it reads again, and then it is told how many.
package final class LogOutput: Sendable {
    /// The forms that a line can have.
    enum Form: Sendable {
        case terminal(TerminalFormat)
        case bunyan(BunyanFormat)
    }

    /// How long a line waits for the reader, in milliseconds; once for each time that it gets stuck.
    private static let patience: Int32 = 200
    /// What the system promises to take without waiting once a pipe is writable, in bytes.
    private static let pipeChunk = 4096

    private struct State {
        /// Lines that nobody read.
        var dropped = 0
        /// Whether the last line was cut in its middle.
        var isCut = false
    }

    private let form: Form
    private let descriptor: Int32
    private let chunk: Int
    private let state = Mutex(State())

    /// The log of the program called `name`, on standard output unless told otherwise.
    ///
    /// - Parameters:
    ///   - name: bunyan's `name`.
    ///   - descriptor: where the lines go; it stays the caller's.
    ///   - environment: `NO_COLOR` and `TERM` decide on colours.
    package convenience init(
        name: String,
        descriptor: Int32 = STDOUT_FILENO,
        environment: [String: String]
    ) {
        guard isatty(descriptor) == 1 else {
            let bunyan = BunyanFormat(name: name, hostname: LogOutput.hostname, pid: getpid())
            self.init(form: .bunyan(bunyan), descriptor: descriptor)
            return
        }
        let refusesColours =
            environment["NO_COLOR"]?.isEmpty == false || environment["TERM"] == "dumb"
        self.init(
            form: .terminal(TerminalFormat(hasColours: !refusesColours)),
            descriptor: descriptor
        )
    }

    init(form: Form, descriptor: Int32) {
        self.form = form
        self.descriptor = descriptor
        var facts = stat()
        let isPipe = fstat(descriptor, &facts) == 0 && facts.st_mode & S_IFMT == S_IFIFO
        chunk = isPipe ? LogOutput.pipeChunk : Int.max
    }

    private static var hostname: String {
        withUnsafeTemporaryAllocation(of: CChar.self, capacity: 256) { buffer in
            guard let text = buffer.baseAddress, gethostname(text, 255) == 0 else {
                return "localhost"
            }
            return String(cString: text)
        }
    }

    /// Writes one line, with one call where the reader keeps up.
    func write(_ record: LogRecord) {
        let line = Array((text(record) + "\n").utf8)
        state.withLock { state in
            guard isWritable(within: state.dropped > 0 ? 0 : LogOutput.patience) else {
                state.dropped += 1
                return
            }
            if state.dropped > 0 {
                let notice = Array((text(loss(of: state.dropped)) + "\n").utf8)
                guard put((state.isCut ? [0x0A] : []) + notice, &state) else { return }
                state.dropped = 0
            }
            if !put(line, &state) { state.dropped += 1 }
        }
    }

    private func text(_ record: LogRecord) -> String {
        switch form {
        case .terminal(let format): format.line(record)
        case .bunyan(let format): format.line(record)
        }
    }

    private func loss(of count: Int) -> LogRecord {
        LogRecord(
            time: .now,
            level: .warning,
            label: "log",
            message: "log lines were dropped because nobody read them",
            fields: [LogField(name: "log.dropped", value: .word("\(count)"))],
            error: nil
        )
    }

    /// Puts all of `bytes` out; false if the reader got stuck or is gone.
    private func put(_ bytes: [UInt8], _ state: inout State) -> Bool {
        var rest = bytes[...]
        while !rest.isEmpty {
            guard rest.count == bytes.count || isWritable(within: LogOutput.patience) else {
                state.isCut = true
                return false
            }
            let written = rest.prefix(chunk).withUnsafeBytes {
                Glibc.write(descriptor, $0.baseAddress, $0.count)
            }
            if written > 0 {
                rest = rest.dropFirst(written)
            } else if errno != EINTR && errno != EAGAIN {
                state.isCut = rest.count < bytes.count
                return false
            }
        }
        state.isCut = false
        return true
    }

    private func isWritable(within milliseconds: Int32) -> Bool {
        var request = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
        return poll(&request, 1, milliseconds) == 1 && request.revents & Int16(POLLOUT) != 0
    }
}
