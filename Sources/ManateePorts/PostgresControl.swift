package import ManateeCore

/// A peer's own postgres.
///
/// Contract: called by one owner, at most one of `configure`, `stopAcknowledgements` and `shutDown`
/// at a time (`status` and `prepareHandover` at any time, and beside them one `order`). Every call leaves postgres in a
/// state from which `configure`
/// reaches any configuration.
package protocol PostgresControl: Sendable {
    /// What happens to postgres without being asked for; one consumer.
    var events: AsyncStream<PostgresEvent> { get }

    /// Looks at the disk before anything is touched.
    ///
    /// - Throws: if the data directory is unusable (not a directory, wrong owner, wrong version).
    func inventory() async throws(PostgresFailure) -> PostgresInventory

    /// Brings postgres to `configuration` and returns when it is there: stopped; primary (promoted or
    /// started; the gate may open later, told by `writesOpened`); standby accepting connections, and
    /// streaming if it must.
    ///
    /// On the way to primary it receives from nobody any more, from before its server starts; a
    /// standby that must stream is compared with its source, too, because an upstream that parted from
    /// the primary streams as well.
    ///
    /// Repeating a configuration repairs what is not as it should be and otherwise changes nothing.
    /// Cancelling the task abandons a copy in progress, with everything it started.
    ///
    /// - Returns: the database that postgres runs on; nil when stopped without one.
    func configure(
        _ configuration: PostgresConfiguration
    ) async throws(PostgresFailure)
        -> SystemIdentifier?

    /// Makes sure that nobody acknowledges under the old generation, then samples the log (rule S3).
    ///
    /// `configure` undoes it.
    func stopAcknowledgements(_ how: AcknowledgementStop) async throws(PostgresFailure) -> WALSample

    /// As primary, sees that `sync` keeps up, and writes what is dirty to the disk, so that a stop in
    /// order is short.
    ///
    /// - Throws: if the sync does not stream or lacks too much, or if that took too long.
    func prepareHandover(to sync: Peer) async throws(PostgresFailure)
    /// Holds the gate shut: no application is admitted, and their sessions are ended, now and as long
    /// as the hold lasts, through restarts and promotions; or takes the hold back.
    ///
    /// May be called while another call is under way. Without a running primary the hold is kept for
    /// the next one.
    ///
    /// - Throws: if sessions are left; the hold stays, and asking again is right.
    func order(_ gate: GateOrder) async throws(PostgresFailure)

    /// What is known now, without asking postgres: cheap enough for a health check.
    func status() async -> PostgresStatus

    /// Stops postgres in order (fast, then immediate) within about `limit`.
    func shutDown(within limit: Duration) async
}

/// What happens to postgres without being asked for.
package enum PostgresEvent: Equatable, Sendable {
    /// It is no longer as configured (it exited, or cannot follow its upstream); what was seen.
    case lost(String)
    /// It runs, but has not answered for longer than it may take; what was seen.
    case hung(String)
    /// It restarts itself after a crash of one of its processes; what was seen.
    case restarting(String)
    /// After `hung` or `restarting`, it answers again.
    case answers
    /// As primary of this generation it admits clients: the sync has everything.
    case writesOpened(Generation)
    /// As primary of this generation its sync streams and has everything; clients are admitted next.
    case attached(Generation)
    /// As primary: whether the word of the standby that acknowledges is heard. Told at each change, and
    /// false until then; also false while postgres is no primary.
    case syncHeard(Bool)
}

/// What is known about postgres.
package struct PostgresStatus: Equatable, Sendable {
    /// Whether the last health check succeeded; nil before the first.
    package var healthy: Bool?
    /// Why it did not.
    package var error: String?
    /// When the last successful check was, in milliseconds since 1970; nil before the first.
    package var lastCheckMilliseconds: Int64?
    /// Whether a server process is running.
    package var running: Bool
    /// Whether clients are admitted.
    package var gateOpen: Bool
    /// The end of the own log, if known.
    package var position: WALPosition?
    /// What the last successful check found of its replication; nil before the first.
    package var replication: Replication?

    /// The parameters that wait for a restart, as the last successful check found them.
    package var pendingRestart: [String] = []
    /// Why postgres runs without the shard's parameters; nil if it does not.
    package var refusedParameters: String?
    /// The copy of another peer's data that goes on, or the last one; nil if there was none.
    package var restore: RestoreStatus?

    /// What a server told of its replication.
    package struct Replication: Equatable, Sendable {
        /// Whether it is a standby.
        package var isInRecovery: Bool
        /// Up to where a standby has replayed; nil on a primary.
        package var replayed: LSN?
        /// The end of the log as the upstream last told it; nil without a connection to it.
        package var upstreamEnd: LSN?
        /// Whether a standby receives from its upstream.
        package var isStreaming: Bool
        /// The age of the last replayed commit; zero if everything received is replayed, nil if not
        /// known.
        package var replayAge: Duration?
        /// Who streams from this server.
        package var downstreams: [ReplicationRow]
        /// The server's version, for example 150006.
        package var serverVersion: Int?
        /// When the server was started, in milliseconds since 1970.
        package var startedMilliseconds: Int64?

        /// Replication with these facts.
        package init(
            isInRecovery: Bool,
            replayed: LSN? = nil,
            upstreamEnd: LSN? = nil,
            isStreaming: Bool = false,
            replayAge: Duration? = nil,
            downstreams: [ReplicationRow] = [],
            serverVersion: Int? = nil,
            startedMilliseconds: Int64? = nil
        ) {
            self.isInRecovery = isInRecovery
            self.replayed = replayed
            self.upstreamEnd = upstreamEnd
            self.isStreaming = isStreaming
            self.replayAge = replayAge
            self.downstreams = downstreams
            self.serverVersion = serverVersion
            self.startedMilliseconds = startedMilliseconds
        }
    }

    /// A status of these facts.
    package init(
        healthy: Bool? = nil,
        error: String? = nil,
        lastCheckMilliseconds: Int64? = nil,
        running: Bool = false,
        gateOpen: Bool = false,
        position: WALPosition? = nil,
        replication: Replication? = nil
    ) {
        self.healthy = healthy
        self.error = error
        self.lastCheckMilliseconds = lastCheckMilliseconds
        self.running = running
        self.gateOpen = gateOpen
        self.position = position
        self.replication = replication
    }
}
