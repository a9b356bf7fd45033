/// Where the tool prints.
package protocol AdmOutput: Sendable {
    /// Prints `text` as it is.
    ///
    /// - Throws: if that is impossible. A channel that is closed ends the tool without complaint.
    func write(_ text: String, to channel: AdmChannel) throws(OutputFailure)

    /// Whether a person reads the channel on a terminal.
    func isTerminal(_ channel: AdmChannel) -> Bool
}

/// The two channels of a program.
package enum AdmChannel: Sendable {
    /// Results.
    case standardOutput
    /// What went wrong, and remarks that are no results.
    case standardError
}

/// Why nothing more can be printed.
package enum OutputFailure: Error, Equatable, Sendable {
    /// Nobody reads the channel any more.
    case closed
    /// Writing failed, for example on a full disk; what was seen.
    case failed(String)
}
