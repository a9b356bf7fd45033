package import ManateeCore
package import ManateeJournal

/// What a sitter tells about itself, cheap enough for a health check.
package protocol SitterStatus: Sendable {
    /// What the peer is and what it waits for.
    func peerView() async -> PeerView

    /// What is known about its postgres.
    func postgresStatus() async -> PostgresStatus

    /// What it did so far: the last lines, the records of role changes, and counts.
    func journal() async -> Journal

    /// The lines after the one with this number that are still kept (nil: none of them), then each new
    /// one.
    ///
    /// The stream ends when its reader is more than `Journal.keptEntries` lines behind, and with the
    /// sitter.
    func entries(after number: Int?) async -> AsyncStream<JournalEntry>

    /// What is known about the room of the data; nil if nobody looks.
    func spaceStatus() async -> SpaceStatus?

    /// What the peer makes of the shard's configuration; nil if nobody follows it.
    func configurationStatus() async -> ConfigurationStatus?

    /// How the other peers are heard, without the store.
    func hearing() async -> [PeerHearing]

    /// What is known of the data's snapshots; nil if there can be none, or they could not be listed.
    func snapshotStatus() async -> SnapshotStatus?
}

extension SitterStatus {
    /// Nobody looks.
    package func spaceStatus() async -> SpaceStatus? { nil }

    /// Nobody follows it.
    package func configurationStatus() async -> ConfigurationStatus? { nil }

    /// Nobody listens.
    package func hearing() async -> [PeerHearing] { [] }

    /// Nobody looks.
    package func snapshotStatus() async -> SnapshotStatus? { nil }
}
