/// Where the tool prints.
package protocol AdmOutput: Sendable {
    /// Prints `text` as it is.
    ///
    /// - Throws: if nobody reads the channel any more; the tool then ends without complaint.
    func write(_ text: String, to channel: AdmChannel) throws(OutputClosed)
}

/// The two channels of a program.
package enum AdmChannel: Sendable {
    /// Results.
    case standardOutput
    /// What went wrong, and remarks that are no results.
    case standardError
}

/// Nobody reads the output any more.
package struct OutputClosed: Error {
    /// The fact itself.
    package init() {}
}
