package import ManateeCore

/// The room on the file system that a peer's database grows on, and a reserve that can be let go.
package protocol DataRoom: Sendable {
    /// How much room there is.
    ///
    /// - Throws: if the file system cannot be asked.
    func space() async throws(EffectFailure) -> StorageSpace

    /// Whether the reserve is there.
    func hasReserve() async -> Bool

    /// Takes room for later; harmless if it is there.
    ///
    /// - Throws: if there is not enough, or the file system cannot.
    func makeReserve() async throws(EffectFailure)

    /// Gives the room back; harmless if it is not there.
    ///
    /// - Throws: if that failed.
    func releaseReserve() async throws(EffectFailure)
}

/// How a peer stands in the election.
package protocol ElectionStanding: Sendable {
    /// Tells the other peers that this one lacks room, in words, so that they do not count on it; nil:
    /// that it has room again.
    ///
    /// - Throws: if the store did not take it; then it is taken over with the next entry at the latest.
    func announce(shortage: String?) async throws(EffectFailure)
}

/// What is known about the room of a peer's data.
package struct SpaceStatus: Equatable, Sendable {
    /// How scarce it is.
    package var level: SpaceLevel
    /// What was seen last; nil before the first look.
    package var space: StorageSpace?
    /// Whether the reserve is there.
    package var hasReserve: Bool

    /// A status of these facts.
    package init(level: SpaceLevel, space: StorageSpace?, hasReserve: Bool) {
        self.level = level
        self.space = space
        self.hasReserve = hasReserve
    }
}
