import CLinux
import Glibc

/// Stops a server that nobody is in charge of.
///
/// At once (`SIGQUIT`), never in order: a former primary must not write a shutdown checkpoint that
/// nobody receives, since it alone would make its log diverge; and clients must be gone quickly.
package enum ServerStop {
    /// What became of the server.
    package enum Outcome: Equatable, Sendable {
        /// There was none.
        case nothingRan
        /// It ended as it was asked to; its process.
        case stopped(Int32)
        /// It had to be killed; its process.
        case killed(Int32)
    }

    /// How long a postmaster may take: it kills its own children after 5 s.
    static let patience = Duration.seconds(7)
    /// How long children of a dead postmaster may take to notice it, and the killed to vanish.
    static let childPatience = Duration.seconds(1)

    /// Stops whatever serves clients in `directory`; returns when it is gone.
    package static func stop(in directory: String) -> Outcome {
        let lock = lockFile(in: directory)
        // It is another tool's, has no clients, and ends by itself.
        if let lock, lock.isSingleUser { return .nothingRan }
        let left = ProcessTable.servers(in: directory)
        guard let lock, let process = descriptor(of: lock.pid, in: directory) else {
            guard let first = left.first else { return .nothingRan }
            endChildren(in: directory)
            return .killed(first)
        }
        defer { close(process) }
        pidfd_send_signal(process, SIGQUIT, nil, 0)
        let ended = awaitEnd(of: process, within: patience)
        if !ended {
            pidfd_send_signal(process, SIGKILL, nil, 0)
            awaitEnd(of: process, within: childPatience)
        }
        endChildren(in: directory)
        return ended ? .stopped(lock.pid) : .killed(lock.pid)
    }

    /// Ends the processes that a dead postmaster left, as it would have done.
    private static func endChildren(in directory: String) {
        for pid in ProcessTable.servers(in: directory) {
            guard let process = descriptor(of: pid, in: directory) else { continue }
            if !awaitEnd(of: process, within: childPatience) {
                pidfd_send_signal(process, SIGKILL, nil, 0)
                awaitEnd(of: process, within: childPatience)
            }
            close(process)
        }
    }

    /// A descriptor of the server's process `pid`; nil if it is none.
    private static func descriptor(of pid: pid_t, in directory: String) -> Int32? {
        let process = pidfd_open(pid, 0)
        guard process >= 0 else { return nil }
        // Looked at after the descriptor is open: the number cannot have been reused since.
        guard ProcessTable.isServer(pid, in: directory) else {
            close(process)
            return nil
        }
        return process
    }

    @discardableResult
    private static func awaitEnd(of process: Int32, within limit: Duration) -> Bool {
        var look = pollfd(fd: process, events: Int16(POLLIN), revents: 0)
        return poll(&look, 1, Int32(clamping: limit.milliseconds)) == 1
    }

    private static func lockFile(in directory: String) -> LockFile? {
        let file = open(directory + "/postmaster.pid", O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { return nil }
        defer { close(file) }
        // It has eight short lines and one path.
        return withUnsafeTemporaryAllocation(byteCount: 8192, alignment: 1) { buffer in
            let count = read(file, buffer.baseAddress, buffer.count)
            return LockFile(parsing: String(decoding: buffer.prefix(max(0, count)), as: UTF8.self))
        }
    }
}
