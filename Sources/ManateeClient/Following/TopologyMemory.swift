/// The greatest generation that a shard has had, so that no older one is followed.
struct TopologyMemory {
    /// What to do with what was read.
    enum Judgement: Equatable {
        case follow(Topology)
        /// The topology stays; how good it is.
        case keep(FollowStatus)
    }

    private var newest: FencingToken?

    /// Judges what was read.
    ///
    /// A state that is gone is told, as by the original; one that comes back older is refused.
    mutating func judge(_ reading: TopologyReading) -> Judgement {
        switch reading {
        case .unreadable(let detail):
            return .keep(.unreadable(detail))
        case .topology(let topology):
            if let newest, let token = topology.token, token < newest {
                return .keep(.wentBack(known: newest, found: token))
            }
            newest = topology.token ?? newest
            return .follow(topology)
        }
    }
}
