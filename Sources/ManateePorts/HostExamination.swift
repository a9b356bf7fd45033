package import ManateeCore

/// Looks at the host on which a sitter is to run, before it joins its shard.
///
/// Contract: changes nothing, and needs neither the store nor another peer.
package protocol HostExamination: Sendable {
    /// Reads the sitter's configuration at `path` and holds it against this host.
    func examine(_ path: String) async -> HostReport

    /// Tries to connect to `port` of `host`.
    ///
    /// - Returns: why that is impossible within about `limit`; nil if it is possible.
    func whyUnreachable(_ host: String, port: Int, within limit: Duration) async -> String?

    /// Whether this host knows the locale called `name`, which a database may need.
    func hasLocale(_ name: String) -> Bool
}

/// What was found out about a host.
package struct HostReport: Equatable, Sendable {
    /// The checks, in the order in which they were made.
    package var findings: [HostFinding]
    /// What the configuration says; nil if it cannot be used.
    package var plan: Plan?

    /// What a configuration says about the peer that is to join.
    package struct Plan: Equatable, Sendable {
        /// The store's connection string.
        package var servers: String
        /// The shard's name.
        package var shard: String
        /// The peer.
        package var peer: PeerID
        /// How far above postgres's port the sitter's status server listens; default 1.
        package var statusPortOffset: Int
        /// The processor, as postgres names it, for example `x86_64`.
        package var architecture: String
        /// The major version of the PostgreSQL that it would run; nil if there is none.
        package var majorVersion: Int?

        /// A configuration that says this.
        package init(
            servers: String,
            shard: String,
            peer: PeerID,
            statusPortOffset: Int = 1,
            architecture: String,
            majorVersion: Int?
        ) {
            self.servers = servers
            self.shard = shard
            self.peer = peer
            self.statusPortOffset = statusPortOffset
            self.architecture = architecture
            self.majorVersion = majorVersion
        }
    }

    /// A report of these findings.
    package init(findings: [HostFinding], plan: Plan?) {
        self.findings = findings
        self.plan = plan
    }
}

/// The result of one check of a host.
package struct HostFinding: Equatable, Sendable {
    /// How a check ended.
    package enum Verdict: String, Sendable {
        /// As it should be.
        case good
        /// The peer can run, but somebody should look.
        case doubtful
        /// The peer cannot run like this.
        case bad
        /// It could not be checked.
        case skipped
    }

    /// What was checked, in a word or two.
    package var subject: String
    /// How it ended.
    package var verdict: Verdict
    /// What was seen.
    package var seen: String
    /// What to do; nil if there is nothing to do.
    package var remedy: String?

    /// The result `verdict` of the check of `subject`.
    package init(_ subject: String, _ verdict: Verdict, seen: String, remedy: String? = nil) {
        self.subject = subject
        self.verdict = verdict
        self.seen = seen
        self.remedy = remedy
    }
}

/// Asks a peer's postgres what a host that is to join must match.
///
/// Contract: like `PostgresProbe`.
package protocol PostgresInspection: Sendable {
    /// Connects to the peer's postgres, asks, and disconnects.
    func inspect(_ peer: Peer, within limit: Duration) async -> PostgresCharacter?
}

/// What a database's host and settings are.
package struct PostgresCharacter: Equatable, Sendable {
    /// The time of day there, in milliseconds since 1970.
    package var clockMilliseconds: Int64
    /// The major version.
    package var majorVersion: Int
    /// What `version()` says, which names the processor.
    package var description: String
    /// The locale that orders text.
    package var collation: String
    /// The setting `synchronous_commit`.
    package var synchronousCommit: String

    /// A database of this character.
    package init(
        clockMilliseconds: Int64,
        majorVersion: Int,
        description: String,
        collation: String,
        synchronousCommit: String
    ) {
        self.clockMilliseconds = clockMilliseconds
        self.majorVersion = majorVersion
        self.description = description
        self.collation = collation
        self.synchronousCommit = synchronousCommit
    }
}
