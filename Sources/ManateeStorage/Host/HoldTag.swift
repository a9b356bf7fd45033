import ManateePorts

/// The words that holds are known by.
enum HoldTag {
    /// Refuses what cannot be part of a command line or a path.
    static func require(_ tag: String) throws(StorageFailure) -> String {
        guard SnapshotName.isWord(tag) else {
            throw StorageFailure(
                .failed,
                "'\(tag)' cannot be the tag of a hold: use letters, digits and . _ -"
            )
        }
        return tag
    }
}
