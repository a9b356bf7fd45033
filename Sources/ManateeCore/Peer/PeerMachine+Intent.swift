extension PeerMachine {
    /// What a change of the cluster state is for.
    package enum Intent: Hashable, Sendable {
        /// Write the first state of a new shard.
        case setUp
        /// As sync, become primary in place of the one that is gone.
        case takeOver
        /// As primary, announce that the sync is to take its place, as an operator asked for.
        case announceHandover
        /// As primary that has stopped for its sync, tell where the log ends.
        case handOver
        /// As sync, become primary in place of one that has stopped for it.
        case completeHandover
        /// As primary, take a handover back that does not come to its end.
        case undoHandover
        /// As primary, take a new sync in place of the one that is gone.
        case replaceSync
        /// As primary, make the first async the sync because an operator asked for it.
        case promoteAsync
        /// As primary, let an async and the one before it change places because an operator asked for
        /// it.
        case moveAsync
        /// As primary, take a request to promote back that is not to be carried out.
        case removeRequest
        /// As primary that acknowledges alone, take a sync.
        case leaveOneNodeWriteMode
        /// As primary, bring the list of asyncs into step with the present peers.
        case changeAsyncs
        /// As deposed peer that streams again, join the end of the chain.
        case rejoin
        /// Nothing changes but the version: no earlier write of this peer can take effect any more.
        case seal

        /// Whether a new generation is declared by the write, or could be after it: acknowledgements
        /// are stopped before, and stay so until its end is known (rule S3).
        var holdsAcknowledgements: Bool {
            switch self {
            case .takeOver, .handOver, .completeHandover, .replaceSync, .promoteAsync,
                .leaveOneNodeWriteMode, .seal:
                true
            case .setUp, .announceHandover, .undoHandover, .moveAsync, .removeRequest,
                .changeAsyncs, .rejoin:
                false
            }
        }

        /// What a word about the change is about.
        var subject: Reason.Subject {
            switch self {
            case .changeAsyncs: .asyncs
            case .announceHandover, .handOver, .completeHandover, .undoHandover, .promoteAsync,
                .moveAsync, .removeRequest:
                .request
            case .setUp, .takeOver, .replaceSync, .leaveOneNodeWriteMode, .rejoin, .seal: .change
            }
        }

        /// What a word is about that tells why the change does not happen.
        var refusal: Reason.Subject {
            switch self {
            case .changeAsyncs: .asyncsRefusal
            case .announceHandover, .handOver, .completeHandover, .undoHandover, .promoteAsync,
                .moveAsync, .removeRequest:
                .requestRefusal
            case .setUp, .takeOver, .replaceSync, .leaveOneNodeWriteMode, .rejoin, .seal: .refusal
            }
        }
    }
}
