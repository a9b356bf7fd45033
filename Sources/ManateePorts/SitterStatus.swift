package import ManateeCore

/// What a sitter tells about itself, cheap enough for a health check.
package protocol SitterStatus: Sendable {
    /// What the peer is and what it waits for.
    func peerView() async -> PeerView

    /// What is known about its postgres.
    func postgresStatus() async -> PostgresStatus

    /// What is known about the room of the data; nil if nobody looks.
    func spaceStatus() async -> SpaceStatus?
}

extension SitterStatus {
    /// Nobody looks.
    package func spaceStatus() async -> SpaceStatus? { nil }
}
