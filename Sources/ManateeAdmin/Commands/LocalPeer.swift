/// The peer on this host, as its sitter's configuration tells it.
package protocol LocalPeer: Sendable {
    /// Its name.
    var zoneID: String { get }
    /// The name of its shard.
    var shard: String { get }
    /// Where ZooKeeper is, as its configuration has it.
    var servers: String { get }
    /// Whether it waits for an operator when it was deposed (`rejoin: manual`).
    var waitsForOperator: Bool { get }
    /// Whether there is a request to make its data anew.
    var isRebuildRequested: Bool { get }
    /// Whether a database lies where its data belongs.
    var hasDatabase: Bool { get }

    /// Asks its sitter to make the data anew; asked twice is asked once.
    func requestRebuild() throws

    /// The copy that its sitter makes or made last; nil if it made none.
    ///
    /// - Throws: what keeps the sitter from answering.
    func restore() async throws -> RestoreProgress?
}
