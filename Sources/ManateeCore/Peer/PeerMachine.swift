/// Placeholder until the machine is written.
package struct PeerView: Equatable, Sendable {}

/// Placeholder until the machine is written.
package struct PeerMachine: Equatable, Sendable {
    /// Placeholder.
    package mutating func handle(_ event: PeerEvent, at now: Instant) -> [PeerAction] { [] }
    /// Placeholder.
    package var view: PeerView { PeerView() }
}

extension Reason: CustomStringConvertible {
    /// Placeholder.
    package var description: String { "" }
}
