package import ManateeConfiguration

/// Why a program ends, and with what status.
package struct ProgramFailure: Error {
    /// What the program's parent is told.
    package var status: ExitStatus
    /// What people are told.
    package var message: String

    /// A failure of this status, explained.
    package init(_ status: ExitStatus, _ message: String) {
        self.status = status
        self.message = message
    }
}
