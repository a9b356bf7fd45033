import ManateeCore

/// What one sitter's heartbeat knows of the others, by their index.
struct Ears: Hashable, Sendable {
    /// One stream of beats.
    struct Stream: Hashable, Sendable {
        /// The process that speaks at its other end; nil while there is no stream.
        var process: Int?
        /// When the last beat came.
        var heard = SimulatedTime.zero
        /// When the last beat that is under way comes: none overtakes another.
        var latest = SimulatedTime.zero
        /// Until then an attempt to reach its ports is under way.
        var knockingUntil = SimulatedTime.zero
    }

    /// What the machine says of itself; nil before its first word.
    var word: PeerWord?
    /// Whom the machine watches.
    var watched: [Int] = []
    /// From each peer.
    var streams: [Stream]

    init(peers: Int) {
        streams = Array(repeating: Stream(), count: peers)
    }
}
