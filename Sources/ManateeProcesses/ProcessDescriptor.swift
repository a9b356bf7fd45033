import CLinux
import Glibc

/// The kernel's handle of one very process, which stays its own when its number is another's.
package struct ProcessDescriptor: ~Copyable, Sendable {
    private let descriptor: Int32

    /// The handle of the process that has this number now.
    ///
    /// - Throws: if there is none.
    package init(_ pid: Int32) throws(ProcessFailure) {
        let descriptor = pidfd_open(pid, 0)
        guard descriptor >= 0 else {
            throw ProcessFailure(attempt: "watch process \(pid)", number: errno)
        }
        self.descriptor = descriptor
    }

    /// The handle of a child that has just been started; one that cannot be watched is killed and reaped.
    ///
    /// - Throws: if it cannot be watched.
    package init(ofNewChild pid: Int32) throws(ProcessFailure) {
        do {
            try self.init(pid)
        } catch {
            kill(-pid, SIGKILL)
            _ = ProcessExit(reaping: pid)
            throw error
        }
    }

    deinit {
        close(descriptor)
    }

    /// Sends a signal; harmless if the process has ended.
    package func send(_ signal: Int32) {
        pidfd_send_signal(descriptor, signal, nil, 0)
    }

    /// Waits, on a thread that may block, until the process ends.
    ///
    /// - Parameter limit: how long, in whole milliseconds; nil for as long as it takes.
    /// - Returns: whether it has ended.
    package func waitForEnd(within limit: Duration? = nil) -> Bool {
        let deadline = limit.map { ContinuousClock.now + $0 }
        var entry = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        while true {
            let rest = deadline.map { max($0 - ContinuousClock.now, .zero) }
            let milliseconds = rest.map { min($0 / .milliseconds(1), Double(Int32.max)) } ?? -1
            let result = poll(&entry, 1, Int32(milliseconds))
            if result >= 0 { return result > 0 }
            precondition(errno == EINTR, "poll of a process: error \(errno)")
        }
    }
}
