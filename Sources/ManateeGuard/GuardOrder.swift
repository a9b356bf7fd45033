/// What a guard is told once and for all, as the arguments of its program.
package struct GuardOrder: Equatable, Sendable {
    /// The directory whose postgres is guarded, as an absolute path.
    package var dataDirectory: String
    /// For how long postgres may run without a living sitter, in whole milliseconds; 100 ms or more.
    package var limit: Duration
    /// What the sitter that it belongs to writes into the guard file; no other sitter has the same.
    package var sitter: String

    /// An order of these.
    package init(dataDirectory: String, limit: Duration, sitter: String) {
        self.dataDirectory = dataDirectory
        self.limit = limit
        self.sitter = sitter
    }

    /// The order that the arguments of a program make; nil if they make none.
    package init?(arguments: [String]) {
        guard arguments.count == 3, arguments[0].hasPrefix("/"),
            let milliseconds = Int64(arguments[1]), milliseconds >= 100,
            !arguments[2].isEmpty
        else { return nil }
        self.init(
            dataDirectory: arguments[0],
            limit: .milliseconds(milliseconds),
            sitter: arguments[2]
        )
    }

    /// The order as arguments.
    package var arguments: [String] { [dataDirectory, String(limit.milliseconds), sitter] }
}

extension Duration {
    /// In whole milliseconds, rounded down.
    package var milliseconds: Int64 {
        components.seconds * 1000 + components.attoseconds / 1_000_000_000_000_000
    }
}
