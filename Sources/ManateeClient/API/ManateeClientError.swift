/// What went wrong, with a code for programs and a sentence for people.
public struct ManateeClientError: Error, Hashable, Sendable, CustomStringConvertible {
    /// What kind of failure it is; further kinds may come.
    public struct Code: Hashable, Sendable, CustomStringConvertible {
        private enum Kind: String {
            case invalidPath, invalidConfiguration, credentialsRefused, alreadyRunning
            case noPrimary, primaryChanged, clientEnded
        }

        private let kind: Kind

        /// A shard's path is none.
        public static let invalidPath = Code(kind: .invalidPath)
        /// The configuration cannot be used.
        public static let invalidConfiguration = Code(kind: .invalidConfiguration)
        /// The ZooKeeper servers do not accept the credentials.
        public static let credentialsRefused = Code(kind: .credentialsRefused)
        /// The client runs, or has run.
        public static let alreadyRunning = Code(kind: .alreadyRunning)
        /// The shard has declared no primary in time.
        public static let noPrimary = Code(kind: .noPrimary)
        /// The primary changed while it was worked with.
        public static let primaryChanged = Code(kind: .primaryChanged)
        /// The client's run has ended, or never began.
        public static let clientEnded = Code(kind: .clientEnded)

        /// The code's name.
        public var description: String { kind.rawValue }
    }

    /// What kind of failure it is.
    public var code: Code
    /// What was attempted, what was seen, and what to do.
    public var message: String

    init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }

    /// The message.
    public var description: String { message }
}
