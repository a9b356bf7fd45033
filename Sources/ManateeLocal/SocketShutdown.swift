import CLinux
import Glibc

/// Breaks a connection of another process.
enum SocketShutdown {
    /// Shuts a socket down in both directions, as if the network had.
    ///
    /// - Parameters:
    ///   - descriptor: its number in the other process.
    ///   - pid: the process.
    /// - Returns: whether it was done; the process or the descriptor may be gone.
    static func shut(_ descriptor: Int32, of pid: Int32) -> Bool {
        let process = pidfd_open(pid, 0)
        guard process >= 0 else { return false }
        defer { close(process) }
        let copy = pidfd_getfd(process, descriptor, 0)
        guard copy >= 0 else { return false }
        defer { close(copy) }
        return shutdown(copy, Int32(SHUT_RDWR)) == 0
    }
}
