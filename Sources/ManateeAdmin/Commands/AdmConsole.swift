/// The person before the tool, if there is one.
package protocol AdmConsole: Sendable {
    /// Whether somebody can answer: false if the standard input is no terminal.
    var isAttended: Bool { get }

    /// Whether a line of the standard error can be written over: false if it is no terminal.
    var showsProgress: Bool { get }

    /// Waits for a line of input; nil at its end.
    func readLine() -> String?
}
