import Glibc
import ManateeAdmin

/// The person at the process's terminal.
struct Terminal: AdmConsole {
    var isAttended: Bool { isatty(STDIN_FILENO) == 1 }

    var showsProgress: Bool { isatty(STDERR_FILENO) == 1 }

    func readLine() -> String? { Swift.readLine() }
}
