/// A planned change of primary that is under way, as the field `handover` of the cluster state has it.
///
/// The primary alone writes it. Without `final` nothing follows from it but that the primary is about to
/// stop; with it, the primary has stopped and the sync may declare itself.
package struct Handover: Hashable, Sendable {
    /// The primary that gives its place up.
    package var from: PeerID
    /// The sync that is to take it.
    package var to: PeerID
    /// The generation that is to end.
    package var generation: Generation
    /// When the primary takes it back if it is not over by then.
    package var expireTime: WallTime
    /// Where the log of the stopped primary ends; nil as long as it has not stopped.
    package var final: WALPosition?
    /// Fields that this version does not know, kept through every write.
    package var unknownFields: [String: JSONValue]

    /// The change from `from` to `to` in place of `generation`.
    package init(
        from: PeerID,
        to: PeerID,
        generation: Generation,
        expireTime: WallTime,
        final: WALPosition? = nil,
        unknownFields: [String: JSONValue] = [:]
    ) {
        self.from = from
        self.to = to
        self.generation = generation
        self.expireTime = expireTime
        self.final = final
        self.unknownFields = unknownFields
    }
}

extension ClusterState {
    /// The handover that this state carries, if it is one of its own primary and sync.
    ///
    /// Any other is a leftover, from which nothing follows.
    package var standingHandover: Handover? {
        guard let handover, handover.from == primary.id, handover.to == sync?.id,
            handover.generation == generation, !oneNodeWriteMode
        else { return nil }
        return handover
    }

    /// Where the log of a primary ends that has stopped for its sync; nil if it has not.
    package var finalPosition: WALPosition? { standingHandover?.final }
}
