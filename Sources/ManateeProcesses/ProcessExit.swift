import Glibc

/// How a process ended.
package enum ProcessExit: Hashable, Sendable, CustomStringConvertible {
    /// By itself, with this status.
    case status(Int32)
    /// By this signal.
    case signal(Int32)
    /// It was not our child, so nobody told us.
    case unknown

    /// Waits for the end of a child, and takes it off the process table.
    package init(reaping pid: Int32) {
        var status: Int32 = 0
        var result = waitpid(pid, &status, 0)
        while result < 0, errno == EINTR { result = waitpid(pid, &status, 0) }
        let signal = status & 0x7F
        self =
            result != pid ? .unknown : signal == 0 ? .status(status >> 8 & 0xFF) : .signal(signal)
    }

    /// The end as a message shows it.
    package var description: String {
        switch self {
        case .status(let status): "exited with status \(status)"
        case .signal(let signal): "was ended by signal \(signal)"
        case .unknown: "ended"
        }
    }

    /// The status that a POSIX shell would show: 128 and the signal's number if one ended it; -1 if unknown.
    package var shellStatus: Int32 {
        switch self {
        case .status(let status): status
        case .signal(let signal): 128 + signal
        case .unknown: -1
        }
    }
}
