/// One thing that is wrong with a configuration, told so that an operator can mend it.
package struct ConfigurationProblem: Error, Hashable, Sendable, CustomStringConvertible {
    /// The file, or what else the setting came from.
    package var file: String
    /// The line in it, counted from 1; nil if it is about no particular line.
    package var line: Int?
    /// The setting, for example `postgres.dataDirectory`; nil if it is about the whole file.
    package var key: String?
    /// What was found.
    package var found: String
    /// What is expected instead.
    package var expected: String
    /// What to do.
    package var remedy: String

    /// A problem that these words describe.
    package init(
        file: String,
        line: Int? = nil,
        key: String? = nil,
        found: String,
        expected: String,
        remedy: String
    ) {
        self.file = file
        self.line = line
        self.key = key
        self.found = found
        self.expected = expected
        self.remedy = remedy
    }

    /// All of it in one line: `FILE:LINE: KEY: found ...; expected ...; to mend it: ...`.
    package var description: String {
        let place = file + (line.map { ":\($0)" } ?? "")
        let subject = key.map { " \($0):" } ?? ""
        return "\(place):\(subject) found \(found); expected \(expected); to mend it: \(remedy)"
    }
}

/// A configuration that cannot be used, with everything that is wrong with it.
package struct InvalidConfiguration: Error, Equatable, Sendable, CustomStringConvertible {
    /// What is wrong, in the order of the file; never empty.
    package var problems: [ConfigurationProblem]

    /// A configuration with these problems.
    package init(_ problems: [ConfigurationProblem]) {
        self.problems = problems
    }

    /// One line for each problem.
    package var description: String {
        problems.map(\.description).joined(separator: "\n")
    }
}
