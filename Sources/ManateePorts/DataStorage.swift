/// Where a peer's database lies, and what the file system below it can do with it as a whole.
///
/// Contract: one owner calls whatever changes the data (`prepare`, `rollBack`, `receive`, `isolate`),
/// one call at a time, and postgres does not run meanwhile; everything else may be called at any
/// time, from other processes too. A call that throws leaves either the old or the new state, never
/// half of one; what a killed process left behind is invisible and goes with the next `prepare`.
/// Nothing is deleted that is mounted or in use by a process; a call that would have to is refused
/// with `.inUse`. Nothing is deleted that was not named.
package protocol DataStorage: Sendable {
    /// The directory in which the data appears, absolute.
    var dataPath: String { get }

    /// What the installed file system and its tools can do.
    func capabilities() async throws(StorageFailure) -> StorageCapabilities

    /// Whether there is data, mounted or not.
    func exists() async throws(StorageFailure) -> Bool

    /// Makes the data appear at `dataPath` and removes what killed processes left behind.
    ///
    /// Verifies afterwards that exactly this data, and nothing else, is mounted there. Never unmounts
    /// and never deletes anything that could be data.
    ///
    /// - Parameters:
    ///   - creating: whether to create empty data if there is none.
    ///   - owner: whom the files must belong to; nil changes nothing. They are changed only if the
    ///     directory or an entry of it belongs to somebody else.
    /// - Returns: whether there is data; false only if it is missing and was not to be created.
    /// - Throws: `.foreignMount` if something else is, or would be, at `dataPath`.
    func prepare(creating: Bool, owner: StorageOwner?) async throws(StorageFailure) -> Bool

    /// All snapshots, also those of operators, in the order in which they were made.
    func snapshots() async throws(StorageFailure) -> [StorageSnapshot]

    /// Makes a read-only image of the data.
    ///
    /// - Throws: `.exists` if the name is taken; `.unsupported` where the file system cannot.
    func takeSnapshot(_ name: SnapshotName) async throws(StorageFailure)

    /// Destroys one snapshot.
    ///
    /// - Throws: `.held`, `.hasClones` or `.inUse` if somebody still needs it; `.missing`.
    func destroySnapshot(_ name: SnapshotName) async throws(StorageFailure)

    /// Keeps a snapshot from being destroyed until `release` with the same tag.
    ///
    /// A hold survives a restart. Tags are made of letters, digits and `.`, `_`, `-`.
    func hold(_ name: SnapshotName, tag: String) async throws(StorageFailure)

    /// Ends a hold, also one on a snapshot that was set aside with its data since.
    ///
    /// - Throws: `.missing` if there is no such hold.
    func release(_ name: SnapshotName, tag: String) async throws(StorageFailure)

    /// Makes the data what it was at `name`; what was written since is lost.
    ///
    /// Manatee's own snapshots that are newer go with it on every backend, so that the newest one is
    /// always an ancestor of the data.
    ///
    /// - Throws: `.newerSnapshots` if an operator's snapshot is newer; `.held` or `.hasClones` if a
    ///   newer one cannot go; then nothing was changed.
    func rollBack(to name: SnapshotName) async throws(StorageFailure)

    /// Runs `body` with the path of a writable copy of a snapshot, which is destroyed behind it.
    ///
    /// - Throws: `StorageFailure`, and what `body` throws.
    func withClone<Result: Sendable>(
        of name: SnapshotName,
        _ body: @Sendable (String) async throws -> Result
    ) async throws -> Result

    /// Runs `body` with a snapshot as a stream of bytes, whole or as the difference to `base`.
    ///
    /// The stream can be read once, and nothing is read ahead of its consumer but what a pipe holds.
    /// It throws if the sender fails, so that its regular end means that it is complete. Leaving
    /// `body` early, or cancellation, ends the sender.
    ///
    /// - Throws: `.missing`; `.unsupported`; `.failed`; and what `body` throws.
    func send<Result: Sendable>(
        _ name: SnapshotName,
        since base: SnapshotName?,
        _ body: @Sendable (any StorageStream) async throws -> Result
    ) async throws -> Result

    /// Makes the data, and the snapshot `name`, of a stream that `send` of the same backend made.
    ///
    /// A whole stream needs that there is no data (see `isolate`). A difference needs `base` as the
    /// newest snapshot here; what was written since is lost. Returns when the receiver says that it
    /// has everything; until then nothing of it is visible, and if it throws, nothing stays.
    ///
    /// - Throws: `.exists`, `.noCommonSnapshot`, `.badStream`, `.noSpace`; and what `stream` throws.
    func receive(
        _ name: SnapshotName,
        since base: SnapshotName?,
        from stream: any StorageStream
    ) async throws

    /// Sets the data aside with its snapshots, under a name that says why and when.
    ///
    /// - Returns: the name; nil if there is no data.
    /// - Throws: `.tooManyIsolated` if as many as configured are there already: destroy one first.
    func isolate(_ reason: IsolationReason) async throws(StorageFailure) -> String?

    /// What was set aside, oldest first.
    func isolated() async throws(StorageFailure) -> [IsolatedData]

    /// Destroys data that was set aside, with its snapshots.
    ///
    /// - Throws: `.held` or `.hasClones` if a snapshot of it is still needed; then nothing goes.
    func destroyIsolated(_ name: String) async throws(StorageFailure)

    /// How much room there is.
    func space() async throws(StorageFailure) -> StorageSpace
}

/// The bytes of a snapshot on their way, in chunks of any size.
package typealias StorageStream = AsyncSequence<[UInt8], any Error> & Sendable

/// What a backend can do on this machine.
package struct StorageCapabilities: Equatable, Sendable {
    /// How its streams are written; only a storage with the same word can receive them.
    package var streamFormat: String
    /// Whether there are snapshots at all.
    package var snapshots: Bool
    /// Whether a snapshot is of one moment, so that postgres may run while it is taken.
    package var atomicSnapshots: Bool
    /// Whether a difference between two snapshots can be sent.
    package var incrementalSend: Bool
    /// Whether the tools can go on with an interrupted transfer; `receive` does not use it yet.
    package var resumableReceive: Bool
    /// Whether rights can be delegated, so that no root is needed (`zfs allow`).
    package var delegation: Bool
    /// What is missing and why, for an operator; empty if nothing is.
    package var remarks: [String]

    /// These capabilities.
    package init(
        streamFormat: String,
        snapshots: Bool,
        atomicSnapshots: Bool,
        incrementalSend: Bool,
        resumableReceive: Bool,
        delegation: Bool,
        remarks: [String] = []
    ) {
        self.streamFormat = streamFormat
        self.snapshots = snapshots
        self.atomicSnapshots = atomicSnapshots
        self.incrementalSend = incrementalSend
        self.resumableReceive = resumableReceive
        self.delegation = delegation
        self.remarks = remarks
    }
}

/// Whom files belong to.
package struct StorageOwner: Equatable, Sendable {
    /// The user's number.
    package var user: UInt32
    /// The group's number.
    package var group: UInt32

    /// This user and group.
    package init(user: UInt32, group: UInt32) {
        self.user = user
        self.group = group
    }
}

/// The room of the file system that the data is on, in bytes.
package struct StorageSpace: Equatable, Sendable {
    /// What the data could grow to if nothing else were there.
    package var total: Int64
    /// What can still be written.
    package var free: Int64
    /// What would be free if all snapshots went; nil if the backend cannot tell.
    package var usedBySnapshots: Int64?
    /// Whether nothing can be written for another reason: the file system is read-only, as it gets
    /// after an error.
    package var isReadOnly: Bool

    /// This much room.
    package init(total: Int64, free: Int64, usedBySnapshots: Int64?, isReadOnly: Bool = false) {
        self.total = total
        self.free = isReadOnly ? 0 : free
        self.usedBySnapshots = usedBySnapshots
        self.isReadOnly = isReadOnly
    }

    /// What the peer says when it has too little of it, on one line.
    package var shortage: String {
        isReadOnly
            ? "the file system is read-only" : "\(free >> 20) MB free of \(total >> 20) MB"
    }
}
