/// The exit statuses of Manatee's programs; `docs/operating/exit-codes.md` explains them.
package enum ExitStatus: Int32, CaseIterable, Sendable {
    /// It did what it was asked to do, or ended in order when it was told to.
    case success = 0
    /// A problem was found, or something failed that has no number of its own.
    case failure = 1
    /// The command line cannot be understood.
    case usage = 2
    /// The coordination store cannot be reached or used.
    case storeUnreachable = 3
    /// Going on could lose or mix up data; nothing was changed, an operator must look.
    case refused = 4
    /// Time ran out, and what was begun may or may not have taken effect.
    case timedOut = 5
    /// Something that may pass is in the way, such as a port in use: starting again later may help.
    case temporary = 75
    /// The configuration, or the host that it is for, is not as it must be.
    case configuration = 78

    /// The table, one line for each status.
    package static var table: String {
        allCases.map { status in
            let number = String(status.rawValue)
            return String(repeating: " ", count: 4 - number.count) + "\(number)  \(status.summary)"
        }.joined(separator: "\n")
    }

    /// What the status says, in a few words.
    package var summary: String {
        switch self {
        case .success: "done, or ended in order when told to"
        case .failure: "a problem was found, or something unexpected failed"
        case .usage: "the command line cannot be understood"
        case .storeUnreachable: "the coordination store cannot be reached"
        case .refused: "refused for safety: an operator must look"
        case .timedOut: "time ran out; what was begun may or may not have taken effect"
        case .temporary: "something that may pass is in the way, such as a port in use"
        case .configuration: "the configuration, or the host it is for, is not as it must be"
        }
    }
}
