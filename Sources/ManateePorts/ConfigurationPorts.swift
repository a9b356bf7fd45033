package import ManateeCore

/// Where a peer hears of the shard's configuration.
///
/// Contract: one consumer; the first word comes with each connection, then each change, without being
/// asked for. A word may be repeated.
package protocol ConfigurationSource: Sendable {
    /// What the store holds.
    var configurations: AsyncStream<ConfigurationReading> { get }
}

/// What the store holds as the shard's configuration.
package enum ConfigurationReading: Equatable, Sendable {
    /// Nothing, at this path.
    case absent(path: String)
    /// A configuration.
    case readable(ClusterConfiguration)
    /// Something that is none, or cannot be read: where, and what is wrong with it.
    case unreadable(path: String, String)
}

/// Where a peer keeps the last configuration that it could use.
package protocol ConfigurationMemory: Sendable {
    /// The configuration; nil if none was ever kept.
    func load() async throws(EffectFailure) -> ClusterConfiguration?

    /// Replaces it for good.
    func save(_ configuration: ClusterConfiguration) async throws(EffectFailure)
}

/// A postgres that takes parameters while it runs.
package protocol ParameterControl: Sendable {
    /// Puts the shard's parameters before those of the peer's own file, now and from now on.
    ///
    /// What can be changed in a running server is; the rest waits for its next start. The server is
    /// neither stopped nor started.
    ///
    /// - Throws: if the server's programs refuse them; then everything is as before.
    func adopt(_ parameters: [String: String]) async throws(PostgresFailure)
}

/// What a peer makes of the shard's configuration.
package struct ConfigurationStatus: Equatable, Sendable {
    /// The limits of failure detection by which it goes; nil if it does not say.
    package var detection: FailureDetection?
    /// The edit that is in force here; zero before the first.
    package var version: Int64
    /// Why the store's newest word is not in force; nil if it is.
    package var problem: String?
    /// The parameters that wait for a restart of postgres.
    package var pendingRestart: [String]

    /// A status of these facts.
    package init(
        version: Int64,
        problem: String? = nil,
        pendingRestart: [String] = [],
        detection: FailureDetection? = nil
    ) {
        self.detection = detection
        self.version = version
        self.problem = problem
        self.pendingRestart = pendingRestart
    }
}

/// Asks the sitter of any peer what it makes of the shard's configuration, as an operator's tool does.
package protocol ConfigurationProbe: Sendable {
    /// What the peer's sitter says, or why it does not, within about `limit`.
    func configuration(
        of peer: Peer,
        within limit: Duration
    ) async -> Result<ConfigurationStatus, EffectFailure>
}

/// Asks the postgres of any peer for its parameters, as an operator's tool does.
package protocol ParameterProbe: Sendable {
    /// All parameters of the peer's postgres by name, or why it did not tell, within about `limit`.
    func parameters(
        of peer: Peer,
        within limit: Duration
    ) async -> Result<[String: ServerParameter], EffectFailure>
}

/// An operator's editor.
package protocol TextEditor: Sendable {
    /// Lets the operator change `text`; returns when the editor has ended.
    ///
    /// - Returns: the new text, and the file that holds it until it is discarded.
    /// - Throws: if there is no editor, or it failed.
    func edit(_ text: String) async throws -> (text: String, path: String)

    /// Removes the file of an edit.
    func discard(_ path: String)
}
