import ManateeCore
import ManateePorts
import ManateeWire

/// The roles in a shard of Manatee 1, which has no cluster state: the order of the election is the
/// order of the chain.
struct Version1Roles: Equatable, Sendable {
    /// The peers in the order of their newest entries.
    let chain: [Peer]

    /// The roles that follow from the entries of an election.
    ///
    /// - Throws: `AdmFailure` if an entry cannot be read.
    init(_ entries: [ElectionEntry]) throws(AdmFailure) {
        var newest: [PeerID: (name: ElectionName, data: [UInt8])] = [:]
        for entry in entries {
            // Whatever is not named like an entry is none.
            guard let name = ElectionName(entry.name) else { continue }
            if let known = newest[name.id], known.name.sequence > name.sequence { continue }
            newest[name.id] = (name, entry.data)
        }
        var chain: [Peer] = []
        for entry in newest.values.sorted(by: { $0.name.sequence < $1.name.sequence }) {
            do {
                chain.append(try ElectionNodeJSON.decode(entry.data, id: entry.name.id))
            } catch {
                throw .operation(error.description)
            }
        }
        self.chain = chain
    }

    /// A cluster state with these roles; nil if there is no peer.
    var state: ClusterState? {
        guard let primary = chain.first else { return nil }
        return ClusterState(
            generation: Generation(0),
            primary: primary,
            sync: chain.dropFirst().first,
            async: Array(chain.dropFirst(2)),
            deposed: [],
            initWAL: .zero
        )
    }

    /// The first cluster state for a shard whose last async runs Manatee 2 already; nil if there is
    /// no peer.
    ///
    /// That async becomes sync, because the other peers cannot follow a cluster state yet.
    var backfilled: ClusterState? {
        guard var state else { return nil }
        if let sync = state.sync, let last = state.async.popLast() {
            state.sync = last
            state.async.append(sync)
        }
        return state
    }
}
