package import ManateeCore

/// How a peer hears of the others, and they of it, without the store.
///
/// Contract: the calls return at once and take effect in their order. A watched peer that can be heard
/// gives a `beat` at least as often as its own settings say, and at once when its word changes. When
/// its stream breaks, that is told once; from then on, and while it is silent, both of its ports are
/// tried again and again, and each round is told, until it beats. What cannot be understood is an
/// error for the operator, and no beat. Nothing is written to the store.
package protocol Heartbeat: Sendable {
    /// What is seen of the watched peers; one consumer.
    var events: AsyncStream<HeartbeatEvent> { get }

    /// Watches these peers from now on, and nobody else.
    func watch(_ peers: [Peer])

    /// Says this from now on.
    func speak(_ word: PeerWord)

    /// How each watched peer is heard now, in order of their names.
    func hearing() async -> [PeerHearing]
}

/// How a watched peer is heard.
package struct PeerHearing: Equatable, Sendable {
    /// The peer.
    package var peer: PeerID
    /// Whether there is a stream of its beats.
    package var isConnected: Bool
    /// How long ago its last beat came; nil if none has come yet.
    package var age: Duration?
    /// How long a question and its answer took on the way when the stream was begun; nil if there is none.
    package var roundTrip: Duration?

    /// `peer`, heard like this.
    package init(
        peer: PeerID,
        isConnected: Bool,
        age: Duration? = nil,
        roundTrip: Duration? = nil
    ) {
        self.peer = peer
        self.isConnected = isConnected
        self.age = age
        self.roundTrip = roundTrip
    }
}

/// Something was seen of a watched peer.
package struct HeartbeatEvent: Equatable, Sendable {
    /// The peer.
    package var peer: PeerID
    /// What was seen.
    package var observation: Observation

    /// `observation` of `peer`.
    package init(_ peer: PeerID, _ observation: Observation) {
        self.peer = peer
        self.observation = observation
    }
}
