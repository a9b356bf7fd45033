import ManateePorts

/// Which snapshot is sent, and what it is the difference to.
struct BackupPlan: Equatable {
    var snapshot: StorageSnapshot
    var base: SnapshotName?

    /// The newest of Manatee's own snapshots, as the difference to the newest that the receiver has;
    /// nil if there is none.
    ///
    /// - Parameters:
    ///   - snapshots: all, in the order in which they were made.
    ///   - having: what the receiver has.
    ///   - canSendDifferences: whether the storage can.
    init?(_ snapshots: [StorageSnapshot], having: [SnapshotName], canSendDifferences: Bool) {
        guard let index = snapshots.lastIndex(where: \.name.isOurs) else { return nil }
        snapshot = snapshots[index]
        let known = Set(having)
        base =
            canSendDifferences
            ? snapshots[...index].last { known.contains($0.name) }?.name
            : having.first { $0 == snapshots[index].name }
    }

    /// About how long the stream is; nil for a difference, which nobody knows beforehand.
    var size: Int64? {
        if base == snapshot.name { return 0 }
        return base == nil ? snapshot.referencedBytes : nil
    }
}
