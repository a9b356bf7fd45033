package import ManateeCore

/// Looks at the postgres of any peer from outside, as an operator's tool does.
///
/// Contract: may be called for many peers at once; returns within about `limit` whatever the peer
/// does, and changes nothing on it.
package protocol PostgresProbe: Sendable {
    /// Connects to the peer's postgres, asks for its replication and its lag, and disconnects.
    func probe(_ peer: Peer, within limit: Duration) async -> PostgresSighting
}

/// What was seen of a peer's postgres.
package enum PostgresSighting: Equatable, Sendable {
    /// It answered.
    case answered(PostgresReport)
    /// It did not, and why: an errno such as `ECONNREFUSED`, or what the server said.
    case failed(cause: String)
}

/// What a peer's postgres tells about its replication.
package struct PostgresReport: Equatable, Sendable {
    /// The rows of `pg_stat_replication`: who streams from this peer.
    package var replication: [ReplicationRow]
    /// The age of the last replayed commit; nil on a primary, and before any was replayed.
    package var replayLag: Duration?
    /// How long the oldest transaction of a client has been running; nil if there is none.
    package var longestTransaction: Duration?
    /// The end of the log on its disk; nil if that is not known.
    package var log: LSN?
    /// The timeline of `log`; nil if that is not known.
    package var timeline: TimelineID?

    /// A report of these facts.
    package init(
        replication: [ReplicationRow] = [],
        replayLag: Duration? = nil,
        longestTransaction: Duration? = nil,
        log: LSN? = nil,
        timeline: TimelineID? = nil
    ) {
        self.replication = replication
        self.replayLag = replayLag
        self.longestTransaction = longestTransaction
        self.log = log
        self.timeline = timeline
    }
}

/// One row of `pg_stat_replication`; a field is nil where the column is null.
package struct ReplicationRow: Equatable, Sendable {
    /// The name that the downstream peer gave itself.
    package var applicationName: String?
    /// The address it connected from; nil on a local socket.
    package var clientAddress: String?
    /// `startup`, `catchup`, `streaming`, `backup` or `stopping`.
    package var state: String?
    /// `async`, `potential`, `sync` or `quorum`.
    package var syncState: String?
    /// The end of the log sent to it.
    package var sent: LSN?
    /// The end of the log it has written.
    package var write: LSN?
    /// The end of the log it has flushed to its disk.
    package var flush: LSN?
    /// The end of the log it has replayed.
    package var replay: LSN?

    /// A row of these columns.
    package init(
        applicationName: String? = nil,
        clientAddress: String? = nil,
        state: String? = nil,
        syncState: String? = nil,
        sent: LSN? = nil,
        write: LSN? = nil,
        flush: LSN? = nil,
        replay: LSN? = nil
    ) {
        self.applicationName = applicationName
        self.clientAddress = clientAddress
        self.state = state
        self.syncState = syncState
        self.sent = sent
        self.write = write
        self.flush = flush
        self.replay = replay
    }
}
