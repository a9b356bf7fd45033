import Foundation

/// A word that has no place somewhere, and what to write instead.
struct Ban: Sendable {
    enum Place: Sendable {
        /// Decisions that a log must replay: the core and its simulation.
        case decisions
        /// Everything below `Sources`.
        case sources
        /// Everything below `Sources` but the programs, whose folders begin with a small letter, and what
        /// they do alike.
        case libraries
        /// Sources that do not speak to the world outside through C or threads.
        case sourcesButAdapters
        /// Adapters, when no comment says why.
        case adaptersWithoutReason
        /// Sources, when no comment says why.
        case sourcesWithoutReason
        /// Everything below `Tests`.
        case tests

        func covers(_ file: SourceFile) -> Bool {
            let isSource = file.isSource
            let isAdapter = Ban.adapters.contains(file.target)
            switch self {
            case .decisions: return isSource && Ban.decisions.contains(file.target)
            case .sources, .sourcesWithoutReason: return isSource
            case .libraries:
                return isSource && file.target.first?.isLowercase != true
                    && file.target != "ManateeDaemon"
            case .sourcesButAdapters: return isSource && !isAdapter
            case .adaptersWithoutReason: return isSource && isAdapter
            case .tests: return !isSource
            }
        }

        var isExcusedByComment: Bool {
            switch self {
            case .adaptersWithoutReason, .sourcesWithoutReason: true
            case .decisions, .sources, .libraries, .sourcesButAdapters, .tests: false
            }
        }
    }

    static let decisions: Set<String> = ["ManateeCore", "ManateeJournal", "ManateeSimulation"]
    static let adapters: Set<String> = [
        "ManateeGuard", "ManateeHTTP", "ManateeLocal", "ManateeLogging", "ManateePostgres",
        "ManateeProcesses", "ManateeStorage", "ManateeStore", "ZooKeeperClient",
    ]

    /// A regular expression over one line of code.
    let pattern: String
    let place: Place
    let instead: String

    static let all: [Ban] = [
        Ban(pattern: #"Clock\.now|Clock\(\)|\.now\b"#, place: .decisions, instead: "an argument"),
        Ban(
            pattern: #"\.random\(|\.randomElement\(|\.shuffled?\(|SystemRandomNumberGenerator"#,
            place: .decisions,
            instead: "an argument, or a generator seeded by the caller"
        ),
        Ban(
            pattern: #"\)\s*async\b|\basync\s+(let|throws)\b|\bawait\b|\bactor\s+\w|\bTask\b"#,
            place: .decisions,
            instead: "an action that the shell carries out, and an event with its outcome"
        ),
        Ban(
            pattern: #"\bTask\s*(<[^>]*>\s*)?[({]|\bTask\.(detached|immediate)\b"#,
            place: .sources,
            instead: "a task group owned by run()"
        ),
        Ban(
            pattern: #"(?<![.\w])(?<!func )(debugPrint|print|dump)\("#,
            place: .libraries,
            instead: "a logger, or a closure that the program passes in"
        ),
        Ban(
            pattern: #"\btry\?"#,
            place: .sourcesWithoutReason,
            instead: "handle it, or say in a comment on this line or the one before why it may fail"
        ),
        Ban(
            pattern: #"@unchecked\s+Sendable|nonisolated\(unsafe\)"#,
            place: .sourcesButAdapters,
            instead: "a value, an actor or a Mutex"
        ),
        Ban(
            pattern: #"@unchecked\s+Sendable|nonisolated\(unsafe\)"#,
            place: .adaptersWithoutReason,
            instead: "a Mutex, or say in a comment before it what makes it safe"
        ),
        Ban(
            pattern: #"\b(Thread\.sleep|usleep|nanosleep|sleep)\((?!until:|for:|nanoseconds:)"#,
            place: .tests,
            instead: "await a condition with a deadline"
        ),
        Ban(
            pattern: #"\b(Thread\.sleep|usleep|nanosleep|sleep)\((?!until:|for:|nanoseconds:)"#,
            place: .sourcesWithoutReason,
            instead: "await a condition, or say in a comment why this thread may block"
        ),
    ]

    /// The lines of `file` that break this ban.
    func findings(in file: SourceFile) throws -> [Finding] {
        guard place.covers(file) else { return [] }
        let expression = try NSRegularExpression(pattern: pattern)
        return file.lines.indices.compactMap { index in
            let code = file.lines[index].code
            let whole = NSRange(code.startIndex..., in: code)
            guard let match = expression.firstMatch(in: code, range: whole),
                let range = Range(match.range, in: code),
                !(place.isExcusedByComment && Self.hasReason(file, at: index))
            else { return nil }
            return Finding(
                path: file.path,
                line: index + 1,
                problem: "'\(code[range])' has no place in \(file.target)",
                instead: instead
            )
        }
    }

    /// Whether a comment stands on the line, or right before the statement that it belongs to.
    private static func hasReason(_ file: SourceFile, at index: Int) -> Bool {
        let lines = file.lines
        if !lines[index].comment.isEmpty { return true }
        return index > 0 && !lines[index - 1].comment.isEmpty
            && lines[index - 1].code.allSatisfy(\.isWhitespace)
    }
}
