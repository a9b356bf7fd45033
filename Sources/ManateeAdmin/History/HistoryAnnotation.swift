import ManateeCore

/// What happened between one record of the history and the one before it, in words.
///
/// The first rule that applies gives the text; peers are told apart by their zones.
package struct HistoryAnnotation: Sendable {
    /// The text; empty if nothing that operators care about changed.
    package let text: String

    /// What led to `record` after `previous`; nil if it is the first.
    package init(of record: HistoryRecord, after previous: HistoryRecord?) {
        switch (record.content, previous?.content) {
        case (.version1, _):
            text = "v1.0 event"
        case (.unreadable(let why), _):
            text = "error: \(why)"
        case (.state(let state), nil):
            text =
                state.oneNodeWriteMode
                ? "cluster setup for singleton (one-node-write) mode"
                : "cluster setup for normal (multi-peer) mode"
        case (.state, .version1):
            text = "follow-up from 1.0 event"
        case (.state, .unreadable):
            text = "follow-up from unreadable entry"
        case (.state(let state), .state(let earlier)):
            text = Self.change(from: earlier, to: state)
        }
    }

    private static func change(from old: ClusterState, to new: ClusterState) -> String {
        if new.generation < old.generation { return "error: gen number went backwards" }
        switch (old.oneNodeWriteMode, new.oneNodeWriteMode) {
        case (false, true):
            return "error: unsupported transition from multi-peer mode to singleton "
                + "(one-node-write) mode"
        case (true, false):
            return "cluster transitioned from singleton (one-node-write) mode to multi-peer mode"
        case (false, false), (true, true):
            break
        }
        if new.primary.zoneID != old.primary.zoneID { return takeover(from: old, to: new) }
        if new.generation > old.generation { return newSync(from: old, to: new) }
        if new.sync?.zoneID != old.sync?.zoneID {
            return "error: sync changed, but gen number did not"
        }
        let changes =
            freezing(from: old, to: new) + membership(from: old, to: new)
            + promotion(from: old, to: new)
        return changes.joined(separator: ", ")
    }

    private static func takeover(from old: ClusterState, to new: ClusterState) -> String {
        if new.generation == old.generation { return "error: new primary, but same gen number" }
        guard let sync = old.sync, sync.zoneID == new.primary.zoneID else {
            return "error: new primary was not previous sync"
        }
        if old.finalPosition != nil, !new.deposed.contains(old.primary) {
            return "primary (\(old.primary.label)) handed over to sync (\(new.primary.label))"
        }
        return "sync (\(new.primary.label)) took over as primary (from \(old.primary.label))"
    }

    private static func newSync(from old: ClusterState, to new: ClusterState) -> String {
        if new.sync?.zoneID == old.sync?.zoneID {
            return "error: gen number changed, but primary and sync did not"
        }
        let now = new.sync?.label ?? "none"
        if old.sync == nil, !old.oneNodeWriteMode { return "sync \"\(now)\" added" }
        let before = old.sync?.label ?? "none"
        return "primary (\(new.primary.label)) selected new sync (was \(before), now \(now))"
    }

    private static func freezing(from old: ClusterState, to new: ClusterState) -> [String] {
        switch (old.freeze, new.freeze) {
        case (nil, let freeze?): ["cluster frozen: \(freeze.reason ?? "unknown")"]
        case (_?, nil): ["cluster unfrozen"]
        case (nil, nil), (_?, _?): []
        }
    }

    private static func membership(from old: ClusterState, to new: ClusterState) -> [String] {
        missing(new.async, in: old.async).map { "async \"\($0.label)\" added" }
            + missing(old.async, in: new.async).map { "async \"\($0.label)\" removed" }
            + missing(new.deposed, in: old.deposed).map { "\"\($0.label)\" deposed" }
            + missing(old.deposed, in: new.deposed).map { "\"\($0.label)\" no longer deposed" }
            + (isReordered(old.async, new.async) ? ["order of asyncs changed"] : [])
    }

    /// Whether the same peers stand in another order.
    private static func isReordered(_ old: [Peer], _ new: [Peer]) -> Bool {
        let (before, after) = (old.map(\.zoneID), new.map(\.zoneID))
        return before != after && before.sorted() == after.sorted()
    }

    private static func promotion(from old: ClusterState, to new: ClusterState) -> [String] {
        if new.handover != old.handover { return [handover(from: old, to: new)] }
        if new.promote == old.promote { return [] }
        guard let request = new.promote else { return ["promote request removed"] }
        let peer = new.chain.first { $0.id.text == request["id"]?.text }
        return ["promotion of \(peer.map { "\"\($0.label)\"" } ?? "an unknown peer") requested"]
    }

    private static func handover(from old: ClusterState, to new: ClusterState) -> String {
        guard let handover = new.handover else { return "handover taken back" }
        let sync = new.sync.map { "\"\($0.label)\"" } ?? "an unknown peer"
        return handover.final == nil
            ? "handover to \(sync) announced" : "primary stopped for handover to \(sync)"
    }

    private static func missing(_ peers: [Peer], in others: [Peer]) -> [Peer] {
        let zones = Set(others.map(\.zoneID))
        return peers.filter { !zones.contains($0.zoneID) }
    }
}
