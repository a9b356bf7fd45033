package import ManateeCore

/// One shard's directory in the coordination store, as an operator's tool uses it.
///
/// Contract: reads are not older than what this process wrote or read before. Data is handed out as
/// it is stored, uninterpreted, so that a tool can show and edit what it does not understand.
package protocol ShardAdministration: Sendable {
    /// Reads the cluster state; nil if the shard has none.
    ///
    /// - Throws: if the store did not answer; then nothing is known.
    func readState() async throws(ShardAccessFailure) -> StoredState?

    /// Lists the entries of the election with their data, ordered by name; nil if the shard has no
    /// election.
    ///
    /// - Throws: if the store did not answer; then nothing is known.
    func electionEntries() async throws(ShardAccessFailure) -> [ElectionEntry]?

    /// Lists the entries of the history with their data, in no particular order; nil if the shard
    /// has no history.
    ///
    /// - Throws: if the store did not answer; then nothing is known.
    func historyEntries() async throws(ShardAccessFailure) -> [HistoryEntry]?

    /// Replaces the cluster state by `data` and adds it to the history under an operator's name
    /// (prefix `0`), in one transaction, if the version is `expecting`.
    func replaceState(_ data: [UInt8], expecting: StateVersion) async -> ReplaceOutcome

    /// Creates the cluster state with `data` and adds it to the history under an operator's name
    /// (prefix `0`), in one transaction; a state that exists already is a conflict.
    func createState(_ data: [UInt8]) async -> ReplaceOutcome

    /// Reads the configuration that all peers are told; nil if there is none.
    ///
    /// - Throws: if the store did not answer; then nothing is known.
    func readConfiguration() async throws(ShardAccessFailure) -> StoredConfiguration?

    /// Writes the configuration, if its version is `expecting` (nil: if there is none).
    func writeConfiguration(_ data: [UInt8], expecting: StateVersion?) async -> ReplaceOutcome

    /// Reads the error that a sitter of Manatee 1 left beside the state; nil if there is none.
    ///
    /// - Throws: if the store did not answer; then nothing is known.
    func version1Error() async throws(ShardAccessFailure) -> [UInt8]?
}

/// The coordination store as a whole, as an operator's tool uses it.
package protocol StoreAdministration: Sendable {
    /// Lists the names of all shards, ordered; empty if there are none.
    ///
    /// - Throws: if the store did not answer; then nothing is known.
    func shardNames() async throws(ShardAccessFailure) -> [String]

    /// Whether anything is stored at `path`, which begins with `/`.
    ///
    /// - Throws: if the store did not answer, or if there can be no such path.
    func exists(_ path: String) async throws(ShardAccessFailure) -> Bool

    /// The shard called `name`, whether it exists or not.
    ///
    /// - Throws: if no shard can have that name.
    func shard(_ name: String) throws(ShardAccessFailure) -> any ShardAdministration
}

/// Where shards are found.
package protocol ShardConnector: Sendable {
    /// Connects to the store, runs `body` on all of it, and disconnects.
    ///
    /// - Parameters:
    ///   - servers: the connection string, for example `10.0.0.1:2181,10.0.0.2:2181`.
    ///   - body: what to do while connected.
    /// - Returns: what `body` returns.
    /// - Throws: `ShardAccessFailure` if no server answers within 10 s, and what `body` throws.
    func withStore<Result: Sendable>(
        at servers: String,
        _ body: @Sendable (any StoreAdministration) async throws -> Result
    ) async throws -> Result

    /// Connects to the store, runs `body` on the shard called `shard`, and disconnects.
    ///
    /// - Parameters:
    ///   - shard: the shard's name, which is its directory below `/manatee`.
    ///   - servers: the connection string, for example `10.0.0.1:2181,10.0.0.2:2181`.
    ///   - body: what to do while connected.
    /// - Returns: what `body` returns.
    /// - Throws: `ShardAccessFailure` if no server answers within 10 s, and what `body` throws.
    func withShard<Result: Sendable>(
        _ shard: String,
        at servers: String,
        _ body: @Sendable (any ShardAdministration) async throws -> Result
    ) async throws -> Result
}

/// The cluster state as it is stored.
package struct StoredState: Equatable, Sendable {
    /// The bytes, meant to be JSON.
    package var data: [UInt8]
    /// Its version; a write that expects it succeeds only if nobody wrote since.
    package var version: StateVersion

    /// `data` as the store holds it at `version`.
    package init(data: [UInt8], version: StateVersion) {
        self.data = data
        self.version = version
    }
}

/// The shard's configuration as it is stored.
package struct StoredConfiguration: Equatable, Sendable {
    /// The bytes, meant to be JSON.
    package var data: [UInt8]
    /// The version of the node; a write that expects it succeeds only if nobody wrote since.
    package var version: StateVersion
    /// Where it is stored.
    package var path: String

    /// `data` as the store holds it at `path` in `version`.
    package init(data: [UInt8], version: StateVersion, path: String) {
        self.data = data
        self.version = version
        self.path = path
    }
}

/// One entry of the election as it is stored: one session of one sitter.
package struct ElectionEntry: Equatable, Sendable {
    /// The whole name, `<peer id>-NNNNNNNNNN`.
    package var name: String
    /// The bytes, meant to be the peer's JSON.
    package var data: [UInt8]

    /// The entry called `name`.
    package init(name: String, data: [UInt8]) {
        self.name = name
        self.data = data
    }
}

/// One entry of the history as it is stored: the cluster state after one write.
package struct HistoryEntry: Equatable, Sendable {
    /// The whole name, `<prefix>-NNNNNNNNNN`.
    package var name: String
    /// When the entry was created by the store's clock, in milliseconds since 1970.
    package var createdMilliseconds: Int64
    /// The bytes, meant to be a cluster state's JSON.
    package var data: [UInt8]

    /// The entry called `name`.
    package init(name: String, createdMilliseconds: Int64, data: [UInt8]) {
        self.name = name
        self.createdMilliseconds = createdMilliseconds
        self.data = data
    }
}

/// How an operator's write of the cluster state, or of the configuration, ended.
package enum ReplaceOutcome: Equatable, Sendable {
    /// It is stored, a state with its history entry.
    case written
    /// Nothing was stored: somebody wrote since it was read.
    case conflict
    /// The answer was lost: it may or may not be stored.
    case unknown(String)
    /// Nothing was stored, for another reason.
    case refused(String)
}

/// Why the store could not be used.
package struct ShardAccessFailure: Error, Equatable, Sendable, CustomStringConvertible {
    /// What was attempted, on which servers, and what was seen, for an operator.
    package var detail: String

    /// A failure of which `detail` tells an operator.
    package init(_ detail: String) {
        self.detail = detail
    }

    /// The detail.
    package var description: String { detail }
}
