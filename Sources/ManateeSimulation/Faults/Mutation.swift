/// A safety rule that is broken on purpose, to see that a checker notices.
///
/// None of them is known to the decision core: they live in the simulated world, or between it and
/// the machine.
package enum Mutation: String, Hashable, Sendable, CaseIterable {
    /// S1: a write of the state succeeds at any version.
    case unconditionalWrite
    /// S2: whoever loses the race declares the generation in the winner's place.
    case foreignDeclaration
    /// S3: the primary samples without naming the fence.
    case sampleBeforeFence
    /// S3: the sync samples while its receiver goes on.
    case sampleBeforeDetach
    /// S3: the sync samples what it has replayed.
    case sampleReplayed
    /// S4: the sync believes that it has everything.
    case trustAnyCopy
    /// S4: positions are compared without their timelines.
    case ignoreTimeline
    /// S5: a standby has no names until it is primary.
    case namelessStandby
    /// S6: a standby is named again before the declaration has won.
    case earlyNames
    /// S7: an abandoned copy is taken for a complete one.
    case trustIncompleteCopy
    /// S7: a deposed peer does not learn that it is.
    case hideDeposed
    /// S7: whoever is deposed gets a place when one-node-write mode ends.
    case placeDeposed
    /// S8: clients are admitted before the sync has everything.
    case openGate
    /// S9: a cancelled wait looks like a safe commit.
    case trustCancelled
    /// S10: a store that went back is believed.
    case forgetWhatWasSeen
    /// S10: the state does not tell which reigns led to it.
    case forgetReigns
    /// S10: what a peer was about to write is not kept.
    case forgetIntent
    /// S10: replication ends when the store is out of reach.
    case stopWithoutStore
    /// S11: the machine does not see that the shard is frozen.
    case hideFreeze
    /// S11: fields that this version does not know are dropped.
    case dropUnknownFields
    /// The bound on reads from the past: a gate that is to be shut stays open.
    case keepGateOpen
    /// R104: a silent primary is taken for gone although nobody else misses it.
    case uncorroborated
    /// R105: the primary samples without the fence when it replaces a sync that still stands for election.
    case noFenceOnEvidence
    /// R106: suspicion is acted on in a generation that has only just begun.
    case hasty
    /// The bound on reads from the past: a postgres without a sitter runs on.
    case noGuard
    /// R40: a peer that is not present is taken for a candidate.
    case absentCandidate
    /// R84: the sync takes over before the primary has stopped.
    case declareUnfinished
    /// R86: a primary does not see that it has handed over.
    case hideFinal
    /// R83: the position is taken before the primary has stopped.
    case finalTooEarly
    /// R85: a write of the position whose reply was lost is taken for failed.
    case trustFinalWrite
    /// R87: a handover that is not over in time is not taken back.
    case neverUndo
    /// A deposed peer does not see that the primary is gone, and waits for it.
    case waitForPrimary
    /// S7: a deposed peer that streams is not measured by the log of the primary, or of the sync without one.
    case trustStream
    /// A peer that lacks room counts as present.
    case countShort
    /// R109: what an absent peer says of itself counts for nothing.
    case spareNobody

    /// The rule that it breaks.
    package var rule: String {
        switch self {
        case .unconditionalWrite: "S1 versioned write"
        case .foreignDeclaration: "S2 only the new primary declares"
        case .sampleBeforeFence: "S3 fence before sampling"
        case .sampleBeforeDetach: "S3 receiver stopped before sampling"
        case .sampleReplayed: "S3 initWal is what is flushed"
        case .trustAnyCopy: "S4 everything up to initWal"
        case .ignoreTimeline: "S4 on the same timeline"
        case .namelessStandby: "S5 preset names"
        case .earlyNames: "S6 names follow the declaration"
        case .trustIncompleteCopy: "S7 incomplete copies"
        case .hideDeposed: "S7 deposed peers"
        case .placeDeposed: "S7 deposed peers, after one-node-write mode"
        case .openGate: "S8 gate"
        case .trustCancelled: "S9 cancel does not lie"
        case .forgetWhatWasSeen: "S10 a store that went back"
        case .forgetReigns: "S10 a store that was led into another past"
        case .forgetIntent: "S10 memory of intent"
        case .stopWithoutStore: "S10 the store may vanish"
        case .hideFreeze: "S11 freeze"
        case .dropUnknownFields: "S11 unknown fields"
        case .keepGateOpen: "bound on stale reads"
        case .uncorroborated: "R104 corroboration"
        case .noFenceOnEvidence: "R105 fence before sampling, on evidence"
        case .hasty: "R106 no flapping"
        case .noGuard: "bound on stale reads without a sitter"
        case .absentCandidate: "R40 no flapping"
        case .declareUnfinished: "R84 only after the primary's end"
        case .hideFinal: "R86 no primary after its end"
        case .finalTooEarly: "R83 the end of the log"
        case .trustFinalWrite: "R85 an end in doubt"
        case .neverUndo: "R87 taken back in time"
        case .waitForPrimary: "rejoin without the primary"
        case .trustStream: "S7 a copy that is compared"
        case .countShort: "a full disk is an absence"
        case .spareNobody: "R109 nobody is replaced for a copy"
        }
    }

    /// Kinds of fault without which it could not show.
    var neededFaults: [Fault.Kind] {
        switch self {
        case .unconditionalWrite:
            [.kill, .pauseSitter, .slowWatches, .slowRequests, .slowRequests, .requestAsync]
        case .foreignDeclaration: [.kill, .pauseSitter, .slowWatches, .slowRequests]
        case .sampleBeforeFence: [.expireSession, .cutStore, .kill, .kill, .lateNames]
        case .sampleBeforeDetach: [.cutStore, .expireSession, .kill, .kill, .killSitter]
        case .sampleReplayed: [.pauseReplay, .kill, .kill, .slowLink]
        case .trustAnyCopy: [.kill, .kill, .powerLoss, .slowLink, .cut]
        case .ignoreTimeline: [.kill, .kill, .slowLink, .slowLink, .loseDisk]
        case .namelessStandby: [.kill, .kill, .slowLink]
        case .earlyNames: [.expireSession, .expireSession, .cutStore, .cutStore, .loseRequests]
        case .trustIncompleteCopy: [.killSitter, .kill, .kill]
        case .hideDeposed: [.kill, .killSitter, .stop]
        case .placeDeposed: [.kill, .kill, .setAlone, .setAlone]
        case .openGate: [.killPostgres, .killPostgres, .slowLink, .kill, .cut]
        case .trustCancelled: [.cancelWaits, .cut, .pausePostgres, .kill]
        case .forgetWhatWasSeen: [.restoreStore, .wipeStore, .kill, .killSitter]
        case .forgetReigns:
            [.restoreStore, .restoreStore, .cutStore, .kill, .killSitter, .slowWatches]
        case .forgetIntent:
            [
                .slowRequests, .slowRequests, .killSitter, .killSitter, .kill, .expireSession,
                .requestSync, .requestAsync,
            ]
        case .stopWithoutStore: [.storeOutage]
        case .hideFreeze: [.freeze, .freeze, .kill, .killSitter]
        case .dropUnknownFields: [.kill]
        case .keepGateOpen: [.cutOff]
        case .uncorroborated: [.cut, .cutOneWay]
        case .noFenceOnEvidence: [.pause, .pauseSitter, .lateNames, .lie, .loseBeats]
        case .hasty: [.cut, .cut, .cutOneWay, .pause, .loseBeats, .slowLink, .lie]
        case .noGuard: [.killSitter, .killSitter, .pauseSitter]
        case .absentCandidate: [.kill, .stop, .kill, .powerLoss]
        case .declareUnfinished, .finalTooEarly: [.requestSync, .requestSync, .requestSync]
        case .hideFinal:
            [.requestSync, .requestSync, .killSitter, .pauseSitter, .slowWatches, .cutStore]
        case .trustFinalWrite:
            [.requestSync, .requestSync, .loseReplies, .loseReplies, .cutStore, .slowRequests]
        case .neverUndo: [.requestSync, .requestSync, .cut, .cut, .isolate, .killPostgres]
        case .waitForPrimary: [.kill]
        case .trustStream: [.kill, .kill, .slowLink, .killSitter]
        case .countShort: [.fillDisk]
        case .spareNobody: [.fillDisk, .failPostgres]
        }
    }
}
