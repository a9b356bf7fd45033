extension ClusterState {
    /// The role that this state gives to the peer called `id`.
    ///
    /// In one-node-write mode there is no chain: everybody but the primary has no place.
    package func role(of id: PeerID) -> PeerRole {
        if primary.id == id { return .primary }
        if oneNodeWriteMode { return .unassigned }
        if sync?.id == id { return .sync }
        if deposed.contains(where: { $0.id == id }) { return .deposed }
        if async.contains(where: { $0.id == id }) { return .async }
        return .unassigned
    }

    /// The peer behind which a deposed one reconciles its copy: the end of the chain, or what is
    /// left of the chain's end if that is gone, so that it does not wait for a dead peer.
    ///
    /// - Parameter present: the peers that stand for election and are not known to be gone.
    /// - Returns: the last peer of the chain that is present; the end of the chain if none is.
    package func tail(among present: [Peer]) -> Peer {
        chain.last(where: present.contains) ?? async.last ?? sync ?? primary
    }

    /// What postgres is to be at the peer called `id`.
    ///
    /// It follows from the state alone, so that it can be derived anew whenever the two could differ;
    /// only a deposed peer also looks at who is present: without the primary its copy is measured by the
    /// sync's, which alone can be the next primary.
    ///
    /// - Parameters:
    ///   - id: the peer.
    ///   - present: the peers that stand for election and are not known to be gone.
    ///   - rejoin: whether a deposed peer comes back by itself.
    /// - Returns: stopped for a peer without a place.
    package func postgresConfiguration(
        of id: PeerID,
        among present: [Peer],
        rejoin: PeerMachine.Configuration.Rejoin
    ) -> PostgresConfiguration {
        switch role(of: id) {
        case .primary where finalPosition != nil:
            return .stopped
        case .primary:
            return .primary(.init(generation: generation, sync: sync, timeline: timeline))
        case .sync:
            return standby(behind: primary, successor: async.first)
        case .async:
            let index = async.firstIndex { $0.id == id } ?? 0
            let upstream = index == 0 ? sync ?? primary : async[index - 1]
            return standby(behind: upstream, successor: nil)
        case .deposed:
            switch rejoin {
            case .automatic:
                let source = [primary, sync ?? primary].first(where: present.contains) ?? primary
                return .standby(
                    .init(
                        upstream: tail(among: present),
                        source: source,
                        successor: nil,
                        mustStream: true
                    )
                )
            case .manual: return .stopped
            }
        case .unassigned, .unknown:
            return .stopped
        }
    }

    private func standby(behind upstream: Peer, successor: Peer?) -> PostgresConfiguration {
        .standby(
            .init(upstream: upstream, source: primary, successor: successor, mustStream: false)
        )
    }
}
