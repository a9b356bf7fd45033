/// What a peer's postgres is to be; it follows from the cluster state alone.
package enum PostgresConfiguration: Hashable, Sendable {
    /// Not running: the peer has no place in the chain.
    case stopped
    /// Acknowledging writes, once the sync has everything (rule S8).
    case primary(Primary)
    /// Replicating.
    case standby(Standby)

    /// A primary's part.
    package struct Primary: Hashable, Sendable {
        /// The generation in which it is primary.
        package var generation: Generation
        /// The only standby that may acknowledge for it; nil in one-node-write mode.
        package var sync: Peer?
        /// The timeline on which it writes: a promotion must start exactly this one; nil if the
        /// cluster state does not say.
        package var timeline: TimelineID?

        /// The primary of `generation` on `timeline`, whose commits wait for `sync`.
        package init(generation: Generation, sync: Peer?, timeline: TimelineID? = nil) {
            self.generation = generation
            self.sync = sync
            self.timeline = timeline
        }
    }

    /// A standby's part.
    package struct Standby: Hashable, Sendable {
        /// The peer it replicates from.
        package var upstream: Peer
        /// The primary: where a copy comes from when there is none, or when the own one diverged.
        ///
        /// For a deposed peer the sync, if the primary is gone.
        package var source: Peer
        /// Who must acknowledge from the moment of promotion on; nil means the fence (rule S5).
        package var successor: Peer?
        /// The copy counts only once it is seen to stream: the way back of a deposed peer (rule S7).
        package var mustStream: Bool

        /// A standby behind `upstream`.
        package init(upstream: Peer, source: Peer, successor: Peer?, mustStream: Bool) {
            self.upstream = upstream
            self.source = source
            self.successor = successor
            self.mustStream = mustStream
        }
    }
}

/// What a peer finds on its own disk when it starts.
package enum PostgresInventory: Hashable, Sendable {
    /// No database: it must be created or copied.
    case empty
    /// A database that belongs to the cluster with this system identifier.
    case database(SystemIdentifier)
}

/// How a declarer makes sure that nobody acknowledges under the old generation any more (rule S3).
package enum AcknowledgementStop: Hashable, Sendable {
    /// As sync: stop the WAL receiver and see it gone.
    case detachFromUpstream
    /// As primary: name the fence, and see that the old sync's walsender has taken it or is gone. Nil
    /// replaces nobody: a primary that acknowledged alone (one-node-write mode) sees that its own
    /// commits wait.
    case fence(replacing: Peer?)
    /// As primary: stop in order, so that all that was ever written is shipped, the last checkpoint
    /// included.
    case shutDown
}

/// Why postgres is not as it was asked to be.
package struct PostgresFailure: Error, Hashable, Sendable, CustomStringConvertible {
    /// The kinds that call for different reactions.
    package enum Kind: Hashable, Sendable {
        /// Superseded by a newer wish.
        case cancelled
        /// The database belongs to another cluster; nothing was touched.
        case foreignDatabase
        /// The peer to copy or stream from does not answer.
        case sourceUnreachable
        /// No space is left on the device.
        case noSpace
        /// Anything else; trying again may help.
        case other
    }

    /// What sort of failure it is.
    package var kind: Kind
    /// What was attempted, on what, what was seen, and what to do, for an operator.
    package var detail: String

    /// A failure of this kind.
    package init(_ kind: Kind, _ detail: String) {
        self.kind = kind
        self.detail = detail
    }

    /// The detail.
    package var description: String { detail }
}
