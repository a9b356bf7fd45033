/// What a peer says about itself and the others in each of its beats.
package struct PeerWord: Hashable, Sendable {
    /// How its postgres is.
    package var postgres: PostgresWord
    /// The generation that it follows; nil if it follows none.
    package var generation: Generation?
    /// The generation in which it, as primary, admits clients: the sync has everything.
    package var opened: Generation?
    /// The peers that it hears, in order of their names.
    package var hears: [PeerID]
    /// The peers that it heard once and misses now, in order of their names.
    package var misses: [PeerID]

    /// The word of a peer whose postgres is `postgres`.
    package init(
        postgres: PostgresWord,
        generation: Generation? = nil,
        opened: Generation? = nil,
        hears: [PeerID] = [],
        misses: [PeerID] = []
    ) {
        self.postgres = postgres
        self.generation = generation
        self.opened = opened
        self.hears = hears
        self.misses = misses
    }
}

/// What a peer says about its own postgres; nobody knows it better.
package enum PostgresWord: Hashable, Sendable {
    /// It is as the cluster state asks for.
    case serving
    /// It is being brought there, or nothing is known against it.
    case changing
    /// It was lost and is coming back by itself.
    case restarting
    /// As primary: it is gone, and somebody else had better take over; what was seen.
    case ended(String)
}
