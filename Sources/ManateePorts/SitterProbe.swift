package import ManateeCore

/// Asks the sitter of any peer for what it alone knows.
///
/// Contract: may be called for many peers at once; returns within about `limit` whatever the sitter does.
package protocol SitterProbe: Sendable {
    /// Asks the sitter of `peer`.
    func ask(_ peer: Peer, within limit: Duration) async -> SitterSighting
}

/// What came of asking a sitter.
package enum SitterSighting: Equatable, Sendable {
    /// It answered.
    case answered(SitterReport)
    /// It did not, and why.
    case failed(cause: String)
}

/// What a sitter tells of the other peers.
package struct SitterReport: Equatable, Sendable {
    /// The peers that it hears.
    package var hears: [PeerID]
    /// The peers that it heard once and misses now.
    package var misses: [PeerID]

    /// A report of these facts.
    package init(hears: [PeerID] = [], misses: [PeerID] = []) {
        self.hears = hears
        self.misses = misses
    }
}
