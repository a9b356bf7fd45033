package import ManateeCore

/// What a peer's heartbeat is told.
package struct HeartbeatSettings: Equatable, Sendable {
    /// The own peer, as the others know it.
    package var peer: PeerID
    /// The address to listen on.
    package var listenAddress: String
    /// The port to listen on; 0 for any that is free.
    package var port: Int
    /// How often to beat, and how soon to look for whoever is lost from sight.
    package var detection: FailureDetection

    /// These settings.
    package init(
        peer: PeerID,
        listenAddress: String,
        port: Int,
        detection: FailureDetection
    ) {
        self.peer = peer
        self.listenAddress = listenAddress
        self.port = port
        self.detection = detection
    }
}

/// Why a heartbeat cannot listen.
package struct HeartbeatFailure: Error, Equatable, CustomStringConvertible {
    /// Where.
    package var place: String
    /// Whether somebody else listens there.
    package var isTaken: Bool
    /// What the system said.
    package var reason: String

    /// What was attempted, what was seen, and what to do.
    package var description: String {
        isTaken
            ? """
            the heartbeat cannot listen on \(place): somebody else does; find out who (`ss -ltnp`) and \
            stop it, or set heartbeat.port
            """
            : """
            the heartbeat cannot listen on \(place): \(reason); set heartbeat.listenAddress to an address \
            of this host, and heartbeat.port to a port that its user may use
            """
    }
}
