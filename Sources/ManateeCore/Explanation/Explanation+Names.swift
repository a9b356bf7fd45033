extension Explanation {
    /// The name by which operators know `peer`: as tables show it, and whole if that is another's, too.
    func name(_ peer: Peer) -> String {
        let others = members.map(\.peer).filter { $0 != peer }
        return others.contains { $0.label == peer.label } ? peer.zoneID : peer.label
    }

    /// `text` with names for the identities of peers that are known.
    package func named(_ text: String) -> String {
        // One identity may be the beginning or the end of another.
        members.map(\.peer).sorted { $0.id.text.utf8.count > $1.id.text.utf8.count }
            .reduce(text) { $0.replacing($1.id.text, with: name($1)) }
    }

    /// These peers as part of a sentence.
    func list(_ peers: [PeerID]) -> String {
        named(peers.map(\.description).joined(separator: " and "))
    }
}
