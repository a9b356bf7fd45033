package import ManateeCore
package import ManateePorts

/// Whose status is shown, and what else is at hand besides the sitter itself.
package struct StatusContext: Sendable {
    /// The peer.
    package var peer: Peer
    /// The name of its shard.
    package var shard: String
    /// The version of this program.
    package var version: String
    /// The port of this server, by which the other peers' servers are guessed.
    package var port: Int
    /// What is seen of the whole shard.
    package var survey: any ShardSurvey
    /// Who carries out what operators ask for.
    package var operations: any ShardOperations
    /// What operators prove themselves by; nil: nobody may ask for anything.
    package var token: OperatorToken?
    /// A directory on the file system of the database; nil if its space is not shown.
    package var dataDirectory: String?
    /// Tells the time of day.
    package var wallClock: @Sendable () -> WallTime

    /// The surroundings of `peer`.
    package init(
        peer: Peer,
        shard: String,
        version: String,
        port: Int,
        survey: any ShardSurvey,
        operations: any ShardOperations,
        token: OperatorToken? = nil,
        dataDirectory: String? = nil,
        wallClock: @escaping @Sendable () -> WallTime
    ) {
        self.peer = peer
        self.shard = shard
        self.version = version
        self.port = port
        self.survey = survey
        self.operations = operations
        self.token = token
        self.dataDirectory = dataDirectory
        self.wallClock = wallClock
    }
}

/// All that is known at the moment of one answer.
struct StatusSnapshot: Sendable {
    var context: StatusContext
    var view: PeerView
    var postgres: PostgresStatus
    var now: WallTime
}
