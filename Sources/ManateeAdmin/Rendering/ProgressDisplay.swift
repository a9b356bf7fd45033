/// Shows how a copy goes: as a bar that is written over on a terminal, in plain lines elsewhere.
struct ProgressDisplay {
    /// A plain line is written each time when so many more percent came.
    private static let step: Int64 = 10

    private let session: AdmSession
    private let isQuiet: Bool
    private var isBarOpen = false
    private var last: (id: String, step: Int64?)?

    /// Shows on the standard error; `isQuiet`: shows nothing.
    init(_ session: AdmSession, isQuiet: Bool) {
        self.session = session
        self.isQuiet = isQuiet
    }

    /// Shows how far a copy is.
    mutating func show(_ progress: RestoreProgress) throws(OutputFailure) {
        if isQuiet { return }
        if last?.id != progress.id { try say(progress.origin) }
        let step = progress.percent.map { $0 / Self.step }
        defer { last = (progress.id, step) }
        if session.ports.console.showsProgress {
            isBarOpen = true
            // The rest of what was there is erased.
            try session.remark("\r\(progress.bar)\u{1B}[K")
        } else if last?.id != progress.id || last?.step != step {
            let percent = progress.percent.map { "\($0)%: " } ?? ""
            try session.remark("  \(percent)\(progress.text)\n")
        }
    }

    /// Tells what goes on, in a line.
    mutating func say(_ line: String) throws(OutputFailure) {
        if isQuiet { return }
        try close()
        try session.remark("\(line)\n")
    }

    /// Leaves the bar as it is; what follows begins a line.
    mutating func close() throws(OutputFailure) {
        if isBarOpen { try session.remark("\n") }
        isBarOpen = false
    }
}
