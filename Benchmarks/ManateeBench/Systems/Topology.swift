/// Who is what, by the word of each peer's postgres.
struct Topology: Hashable, Sendable {
    /// The primary; of several that call themselves so, the one of the latest timeline.
    var primary: Node?
    /// The peer whose acknowledgement the primary waits for, if it streams.
    var sync: Node?
    /// The timeline on which the primary writes; 0 without one.
    var timeline = 0
    /// The peers that stream from somebody.
    var streaming: Set<Node>

    /// The place of a peer, as a table shows it.
    func role(of node: Node) -> String {
        node == primary ? "primary" : node == sync ? "sync" : "async"
    }

    /// Whether writes are protected.
    var isProtected: Bool { primary != nil && sync != nil }

    /// Whether every peer of `lab` has its place.
    func isComplete(in lab: Lab) -> Bool {
        guard let primary, sync != nil else { return false }
        return lab.peers.allSatisfy { $0 == primary || streaming.contains($0) }
    }
}
