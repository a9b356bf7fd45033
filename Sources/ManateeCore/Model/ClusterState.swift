/// The one authority on roles: who is primary, sync, async and deposed, and since when.
package struct ClusterState: Hashable, Sendable {
    /// Grows by one with each change of primary or sync.
    package var generation: Generation
    /// The only peer that may acknowledge writes.
    package var primary: Peer
    /// The peer whose disk every acknowledged write is on; nil only in one-node-write mode.
    package var sync: Peer?
    /// The rest of the chain: the first replicates from the sync, each further one from the last.
    package var async: [Peer]
    /// Former primaries whose log may have diverged; they serve nobody until reconciled.
    package var deposed: [Peer]
    /// Below this position nothing acknowledged may be missing on the sync.
    package var initWAL: LSN
    /// The timeline of `initWAL`; nil in a state that an original Manatee wrote.
    package var initTimeline: TimelineID?
    /// The timeline on which this generation's primary writes; nil in a state that an original
    /// Manatee wrote.
    ///
    /// It is declared, not found: two peers that were promoted without knowing of each other would
    /// both take the next number that they know, and their logs could no longer be told apart.
    package var timeline: TimelineID?
    /// The reigns that led here, oldest first, the present one last.
    ///
    /// A store that was put back and led on into another history is known by them. Empty in a state that
    /// an original Manatee wrote.
    package var reigns: [Reign]
    /// An operator's order that nobody changes roles; nil if there is none.
    package var freeze: Freeze?
    /// One peer alone acknowledges writes: development or bootstrap, never survives its loss.
    package var oneNodeWriteMode: Bool
    /// An operator's request to promote a peer, uninterpreted: `PromoteRequest` reads it.
    package var promote: JSONValue?
    /// A planned change of primary that is under way; nil if there is none.
    package var handover: Handover?
    /// Fields that this version does not know, kept through every write.
    package var unknownFields: [String: JSONValue]

    /// The state that these fields describe.
    package init(
        generation: Generation,
        primary: Peer,
        sync: Peer?,
        async: [Peer],
        deposed: [Peer],
        initWAL: LSN,
        initTimeline: TimelineID? = nil,
        timeline: TimelineID? = nil,
        reigns: [Reign] = [],
        freeze: Freeze? = nil,
        oneNodeWriteMode: Bool = false,
        promote: JSONValue? = nil,
        handover: Handover? = nil,
        unknownFields: [String: JSONValue] = [:]
    ) {
        self.generation = generation
        self.primary = primary
        self.sync = sync
        self.async = async
        self.deposed = deposed
        self.initWAL = initWAL
        self.initTimeline = initTimeline
        self.timeline = timeline
        self.reigns = reigns
        self.freeze = freeze
        self.oneNodeWriteMode = oneNodeWriteMode
        self.promote = promote
        self.handover = handover
        self.unknownFields = unknownFields
    }

    /// Where the generation began; nil if its timeline is not known.
    package var start: WALPosition? {
        initTimeline.map { WALPosition(timeline: $0, lsn: initWAL) }
    }

    /// Primary, sync and asyncs in the order in which they replicate.
    package var chain: [Peer] { [primary] + (sync.map { [$0] } ?? []) + async }
}

/// A cluster state together with the version that the store gave it.
package struct VersionedState: Hashable, Sendable {
    /// The state.
    package var state: ClusterState
    /// Its version; a write that expects it succeeds only if nobody wrote since.
    package var version: StateVersion

    /// `state` as the store holds it at `version`.
    package init(_ state: ClusterState, version: StateVersion) {
        self.state = state
        self.version = version
    }
}
