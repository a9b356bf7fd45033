/// Why a command did not do what it was asked for.
package enum AdmFailure: Error, Equatable, Sendable {
    /// The command line makes no sense; the command's help follows the message.
    case usage(String)
    /// The operation failed, and what was seen.
    case operation(String)
    /// The store does not answer: nothing is known about the shard.
    case storeUnreachable(String)
    /// What was begun did not come to an end in time.
    case timeRanOut(String)
    /// What was asked for cannot be told now.
    case undecided(String)

    /// What to tell the operator.
    package var message: String {
        switch self {
        case .usage(let message), .operation(let message), .storeUnreachable(let message),
            .timeRanOut(let message), .undecided(let message):
            message
        }
    }
}

/// How the program ends.
package enum AdmExit: Int32, Sendable {
    /// Done, or nothing is wrong.
    case success = 0
    /// The operation failed, `verify` found issues, or `check-lock` found a lock.
    case failure = 1
    /// The command line makes no sense.
    case usage = 2
    /// The store does not answer.
    case storeUnreachable = 3
    /// What was begun may or may not have taken effect.
    case timeRanOut = 5
    /// Nothing can be told now; trying again later, or mending what is missing, may help.
    case undecided = 75
}
