extension ClusterState {
    /// What makes this state impossible to follow, for an operator; empty if it is sound.
    ///
    /// A state with problems is treated as if it could not be read: acting on it could put two
    /// peers into one place.
    package var problems: [String] {
        var problems: [String] = []
        if generation.number < 0 || generation.number == .max {
            problems.append("its generation is \(generation)")
        }
        for timeline in [initTimeline, timeline] where timeline?.number == .max {
            problems.append("its timeline is \(UInt32.max), after which there is none")
        }
        if sync == nil && !oneNodeWriteMode {
            problems.append("it has no sync although it is not in one-node-write mode")
        }
        var places: [PeerID: [String]] = [:]
        var order: [PeerID] = []
        func place(_ peer: Peer, _ word: String) {
            if places[peer.id] == nil { order.append(peer.id) }
            places[peer.id, default: []].append(word)
        }
        place(primary, "primary")
        if let sync { place(sync, "sync") }
        for peer in async { place(peer, "async") }
        for peer in deposed { place(peer, "deposed") }
        for id in order {
            guard let words = places[id], words.count > 1 else { continue }
            problems.append("it lists \(id) as \(words.joined(separator: " and as "))")
        }
        return problems
    }
}
