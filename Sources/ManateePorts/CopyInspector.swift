/// Proves that a copy of a database can be used, by using it.
package protocol CopyInspector: Sendable {
    /// Starts the database in the copy at `path` where nobody else reaches it, and looks at all of it.
    ///
    /// The copy is written to and is of no other use afterwards; nothing outside it is. No process is
    /// left when this returns or throws.
    ///
    /// - Throws: if nothing can be told; `CancellationError` if the operator ended it.
    func inspect(_ path: String) async throws -> CopyVerdict
}

/// What the look at a copy of a database showed.
package struct CopyVerdict: Equatable, Sendable {
    /// What is wrong with it, one line each; empty if it is sound.
    package var findings: [String]
    /// The databases that were looked at, by name.
    package var databases: [String]
    /// Where its log ended when it had recovered; nil if it did not.
    package var position: String?

    /// What was seen.
    package init(findings: [String], databases: [String] = [], position: String? = nil) {
        self.findings = findings
        self.databases = databases
        self.position = position
    }

    /// Whether a peer could be built from it.
    package var isSound: Bool { findings.isEmpty && position != nil }
}

/// Why nothing can be told about a copy.
package struct CopyUndecided: Error, Equatable, Sendable, CustomStringConvertible {
    /// What was attempted, what was seen, and what to do.
    package var description: String

    /// A failure for this reason.
    package init(_ description: String) {
        self.description = description
    }
}
