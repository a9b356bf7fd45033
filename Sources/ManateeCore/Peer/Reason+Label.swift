extension Reason {
    /// The kind of reason in one word, the same whatever its particulars: metrics count by it.
    package var label: String {
        switch self {
        case .assumed: "assumed"
        case .deposedUntilRebuilt: "deposed_until_rebuilt"
        case .reconciling: "reconciling"
        case .settingUp: "setting_up"
        case .takingOver: "taking_over"
        case .replacingSync: "replacing_sync"
        case .preparingHandover: "preparing_handover"
        case .stoppingForSync: "stopping_for_sync"
        case .handingOver: "handing_over"
        case .completingHandover: "completing_handover"
        case .undoingHandover: "undoing_handover"
        case .promotingAsync: "promoting_async"
        case .movingAsync: "moving_async"
        case .removingRequest: "removing_request"
        case .leavingOneNodeWriteMode: "leaving_one_node_write_mode"
        case .changingAsyncs: "changing_asyncs"
        case .rejoining: "rejoining"
        case .sealing: "sealing"
        case .frozen: "frozen"
        case .noCandidate: "no_candidate"
        case .postgresNotReady: "postgres_not_ready"
        case .writesNotOpen: "writes_not_open"
        case .handoverNotPrepared: "handover_not_prepared"
        case .notCaughtUp: "not_caught_up"
        case .stopFailed: "stop_failed"
        case .abandoned: "abandoned"
        case .writeConflict: "write_conflict"
        case .writeFailed: "write_failed"
        case .waitingForSetup: "waiting_for_setup"
        case .waitingForSecondPeer: "waiting_for_second_peer"
        case .databaseWithoutState: "database_without_state"
        case .writeInDoubt: "write_in_doubt"
        case .doubtSettled: "doubt_settled"
        case .earlierProposalSettled: "earlier_proposal_settled"
        case .storeAway: "store_away"
        case .storeWentBack: "store_went_back"
        case .otherHistory: "other_history"
        case .stateUnreadable: "state_unreadable"
        case .actingOnMemory: "acting_on_memory"
        case .waitingForStore: "waiting_for_store"
        case .proposalInDoubt: "proposal_in_doubt"
        case .nothingRemembered: "nothing_remembered"
        case .memoryFailed: "memory_failed"
        case .postgresFailed: "postgres_failed"
        case .postgresLost: "postgres_lost"
        case .postgresHung: "postgres_hung"
        case .postgresRestarting: "postgres_restarting"
        case .standingAside: "standing_aside"
        case .suspecting: "suspecting"
        case .sparing: "sparing"
        case .writesOpened: "writes_opened"
        case .readsEnded: "reads_ended"
        case .readsAllowed: "reads_allowed"
        case .gateFailed: "gate_failed"
        }
    }

    /// What weight a reason has for those who follow a peer.
    package enum Weight: String, Sendable, CaseIterable {
        /// Something is begun or has happened.
        case decision
        /// Something does not happen.
        case refusal
        /// Something is seen.
        case notice
    }

    /// Whether something is done, not done, or only seen.
    package var weight: Weight {
        switch subject {
        case .role, .change, .request, .asyncs: .decision
        case .refusal, .requestRefusal, .asyncsRefusal: .refusal
        case .doubt, .store, .connection, .postgres, .writes, .reads, .suspicion, .memory: .notice
        }
    }
}
