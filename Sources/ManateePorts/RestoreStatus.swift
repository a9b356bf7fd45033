package import ManateeCore

/// How the copy of another peer's data goes, or how the last one went.
package struct RestoreStatus: Equatable, Sendable {
    /// By which way the data comes.
    package enum Method: String, Sendable {
        /// A backup server's snapshot, whole.
        case whole
        /// A backup server's snapshot, as the difference to one that is here.
        case difference
        /// `pg_basebackup` from a running postgres.
        case baseBackup
    }

    /// How far it is.
    package enum Outcome: Equatable, Sendable {
        /// It goes on.
        case running
        /// All of it came.
        case done
        /// It came to nothing; why.
        case failed(String)
    }

    /// Tells one attempt from the next.
    package var id: String
    /// The peer it comes from.
    package var source: PeerID
    /// By which way it comes.
    package var method: Method
    /// How far it is.
    package var outcome = Outcome.running
    /// What kind of failure ended it, by one word; nil unless it failed and that is known.
    package var cause: String?
    /// About how many bytes there will be; nil if that is not known.
    package var total: Int64?
    /// How many bytes came.
    package var completed: Int64 = 0
    /// Bytes in a second, lately; nil if that is not known.
    package var bytesPerSecond: Int64?

    /// An attempt that begins.
    package init(id: String, source: PeerID, method: Method) {
        self.id = id
        self.source = source
        self.method = method
    }
}
