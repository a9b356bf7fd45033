/// Another peer's backup server, as the one who wants a copy of its data sees it.
///
/// Contract: one `pull` at a time into a storage, and nothing else changes that storage meanwhile.
/// Whatever a pull fails by, the storage holds what it held after `preparing`, and nothing of the
/// copy is visible; a pull that returns has the whole copy, checked byte for byte, and has told the
/// source so. A lost connection is taken up again where it broke as long as the source still waits;
/// a pull that fails nevertheless loses its stream, but no copy that an earlier one completed.
/// Cancelling the task ends it at once, on both sides.
package protocol CopySource: Sendable {
    /// Copies a snapshot of the peer at `url` into `storage`, whole or as the difference to a
    /// snapshot that both have.
    ///
    /// - Parameters:
    ///   - request: what is wanted, and what is there already.
    ///   - url: the peer's `backupUrl`, for example `http://10.0.0.7:12345`.
    ///   - storage: where the copy goes.
    ///   - preparing: is told what will come before anything is changed, and makes `storage` ready
    ///     for it: a whole copy needs that there is no data (`isolate`), a difference that its base
    ///     is the newest snapshot (`rollBack`). The source waits meanwhile.
    ///   - progress: is told about once a second how far it is; the copy waits for it.
    /// - Returns: what came.
    /// - Throws: `CopyFailure`, also for a `StorageFailure`; and what else `preparing` throws.
    func pull(
        _ request: CopyRequest,
        from url: String,
        into storage: any DataStorage,
        preparing: @escaping @Sendable (CopyOffer) async throws -> Void,
        progress: @escaping @Sendable (CopyProgress) async -> Void
    ) async throws -> CopyOffer
}

/// What a peer wants copied.
package struct CopyRequest: Equatable, Sendable {
    /// The ways of making a stream shorter.
    package enum Compression: String, CaseIterable, Sendable {
        /// As it is: best within one data centre.
        case none
        /// By `zstd`, which both hosts need.
        case zstd
    }

    /// The snapshots that a difference may start from; none: a whole copy is wanted.
    package var having: [SnapshotName]
    /// Whether the source shall take a new snapshot for it; otherwise it sends its newest own one.
    package var isFresh: Bool
    /// How the stream is made shorter on its way; default: not at all.
    package var compression: Compression
    /// The most that is sent in a second, in bytes; nil: as much as the source allows.
    package var bytesPerSecond: Int64?
    /// The major version of PostgreSQL that shall run on the copy, for example 15; nil: any.
    package var postgresVersion: Int?

    /// A request for this.
    package init(
        having: [SnapshotName] = [],
        isFresh: Bool = false,
        compression: Compression = .none,
        bytesPerSecond: Int64? = nil,
        postgresVersion: Int? = nil
    ) {
        self.having = having
        self.isFresh = isFresh
        self.compression = compression
        self.bytesPerSecond = bytesPerSecond
        self.postgresVersion = postgresVersion
    }
}

/// What a source will send.
package struct CopyOffer: Equatable, Sendable {
    /// The name of the transfer at the source.
    package var job: String
    /// The snapshot that comes.
    package var snapshot: SnapshotName
    /// The snapshot, one of those in the request, that it is the difference to; nil for a whole
    /// copy; the same as `snapshot` if there is nothing to send, because it is there already.
    package var base: SnapshotName?
    /// About how many bytes will come; nil if the source cannot tell.
    package var size: Int64?
    /// The major version of PostgreSQL that wrote the data, if the source could see it.
    package var postgresVersion: Int?

    /// An offer of this.
    package init(
        job: String,
        snapshot: SnapshotName,
        base: SnapshotName?,
        size: Int64?,
        postgresVersion: Int?
    ) {
        self.job = job
        self.snapshot = snapshot
        self.base = base
        self.size = size
        self.postgresVersion = postgresVersion
    }
}

/// How far a copy is.
package struct CopyProgress: Equatable, Sendable {
    /// The bytes of the snapshot's stream that came and were checked; compression does not count.
    package var bytes: Int64
    /// About how many there will be; nil if the source cannot tell.
    package var total: Int64?
    /// Bytes in a second, over about the last five seconds.
    package var bytesPerSecond: Int64

    /// Progress up to here.
    package init(bytes: Int64, total: Int64?, bytesPerSecond: Int64) {
        self.bytes = bytes
        self.total = total
        self.bytesPerSecond = bytesPerSecond
    }
}

/// Why no copy came about.
package struct CopyFailure: Error, Equatable, Sendable, CustomStringConvertible {
    /// The kinds that call for different reactions.
    package enum Kind: Equatable, Sendable {
        /// Nobody answers there, or no more: try another source.
        case unreachable
        /// The token is wrong or missing, or a certificate is not accepted: an operator must look.
        case authentication
        /// The source is another version of Manatee, PostgreSQL or storage: try another source.
        case wrongVersion
        /// The source has no data or no snapshot to send: try later, ask for a fresh one, or try
        /// another source.
        case noSnapshot
        /// What is here is no base for the difference: ask for a whole copy.
        case noCommonSnapshot
        /// The source has as much to send as it may: try later, or another source.
        case busy
        /// The source failed while it sent: try again.
        case sourceFailed
        /// What came is not what was sent: try again, and suspect hardware if it repeats.
        case badStream
        /// There is no room here.
        case noSpace
        /// The storage here refused or failed otherwise; its own kind is kept.
        case storage(StorageFailure.Kind)
        /// The task was cancelled.
        case cancelled
    }

    /// What sort of failure it is.
    package var kind: Kind
    /// What was attempted, on what, what was seen, and what to do, for an operator.
    package var detail: String

    /// A failure of this kind.
    package init(_ kind: Kind, _ detail: String) {
        self.kind = kind
        self.detail = detail
    }

    /// The detail.
    package var description: String { detail }
}
