import ManateeCore

extension RoleChangeRecord.Kind {
    /// The change that a decision begins; nil if it begins none that moves primary or sync.
    init?(begunBy reason: Reason) {
        if case .settingUp = reason {
            self = .setup
        } else if case .takingOver = reason {
            self = .takeover
        } else if case .completingHandover = reason {
            self = .handover
        } else if case .replacingSync = reason {
            self = .newSync
        } else if case .promotingAsync = reason {
            self = .newSync
        } else if case .leavingOneNodeWriteMode = reason {
            self = .newSync
        } else {
            return nil
        }
    }

    /// The change that does not come about for this reason, or not yet; nil if it is about none.
    init?(refusedBy reason: Reason) {
        let kinds: [PeerMachine.Intent: Self] = [
            .takeOver: .takeover, .completeHandover: .handover, .replaceSync: .newSync,
            .promoteAsync: .newSync, .leaveOneNodeWriteMode: .newSync, .setUp: .setup,
        ]
        guard let kind = Self.intent(refusedBy: reason).flatMap({ kinds[$0] }) else { return nil }
        self = kind
    }

    private static func intent(refusedBy reason: Reason) -> PeerMachine.Intent? {
        if case .frozen(let intent, _) = reason { return intent }
        if case .noCandidate(let intent, _) = reason { return intent }
        if case .postgresNotReady(let intent) = reason { return intent }
        if case .notCaughtUp(let intent, _, _, _, _) = reason { return intent }
        if case .stopFailed(let intent, _) = reason { return intent }
        if case .abandoned(let intent, _) = reason { return intent }
        if case .writeConflict(let intent, _) = reason { return intent }
        if case .writeFailed(let intent, _) = reason { return intent }
        return nil
    }
}
