/// What one declaration began: it tells two generations with the same number apart.
package struct Reign: Hashable, Sendable {
    /// How many reigns a cluster state tells of, its own included: more changes than a peer misses
    /// while it is away, in a few kilobytes.
    package static let kept = 16

    /// The number that was declared.
    package var generation: Generation
    /// Who declared it, or was declared.
    package var primary: PeerID
    /// Where it began.
    package var initWAL: LSN
    /// The timeline on which its primary writes, if the state said so.
    package var timeline: TimelineID?

    /// The reign of `primary` that began at `initWAL`.
    package init(
        generation: Generation,
        primary: PeerID,
        initWAL: LSN,
        timeline: TimelineID?
    ) {
        self.generation = generation
        self.primary = primary
        self.initWAL = initWAL
        self.timeline = timeline
    }
}

extension ClusterState {
    /// The reign that this state describes.
    package var reign: Reign {
        Reign(
            generation: generation,
            primary: primary.id,
            initWAL: initWAL,
            timeline: timeline
        )
    }

    /// Whether this state certainly comes from another past than one in which `known` was declared.
    ///
    /// - Returns: false also if that cannot be told: the past that is kept does not reach back, or an
    ///   original Manatee wrote the state and kept none.
    package func contradicts(_ known: Reign) -> Bool {
        if known.generation == generation { return known != reign }
        guard let same = reigns.first(where: { $0.generation == known.generation }) else {
            return false
        }
        return same != known
    }

    /// Adds the reign that this state describes to those that it tells of.
    package mutating func keepReign() {
        reigns = Array((reigns + [reign]).suffix(Reign.kept))
    }
}
