/// The bound on reads from the past: a primary that hears neither the store nor its sync shuts its gate.
///
/// Either of them shows that no newer generation acknowledges: a store that is heard would tell of it,
/// and a sync that still sends its word has not stopped its receiver, as it would before it took over.
extension PeerMachine {
    /// Whether the sync's word is heard, as postgres tells it.
    enum SyncLink: Hashable {
        /// Valid transitions: `.heard`.
        case silent
        /// Valid transitions: `.silent`.
        case heard
    }

    /// The hold on the gate, which is on top of postgres's own reasons to keep it shut (rule S8).
    enum GateHold: Hashable {
        /// There is none. Valid transitions: `.doubting`.
        case none
        /// Neither store nor sync is heard; the limit runs. Valid transitions: `.none`, `.shutting`.
        case doubting(PeerTimer)
        /// Clients are being sent away. Valid transitions: `.shut`, `.retrying`.
        case shutting(Attempt)
        /// Nobody is served. Valid transitions: `.releasing`.
        case shut
        /// Valid transitions: `.none`, `.retrying`.
        case releasing(Attempt)
        /// The last order failed. Valid transitions: `.shutting`, `.releasing`.
        case retrying(PeerTimer)
    }

    /// Whether this peer may be serving clients from a generation that is over, without a way to know.
    private var isCutOff: Bool {
        guard mayBeServingAsPrimary, syncLink == .silent else { return false }
        if case .ended = postgres { return false }
        switch (store, standing) {
        case (.connected, .current), (.connected, .absent): return false
        case (.connected, .unheard), (.connected, .remembered), (.connected, .refused),
            (.silent, _), (.disconnected, _):
            return true
        }
    }

    /// Whether a gate that is held must stay so: also until a primary that was replaced is none.
    private var mustHoldGate: Bool {
        if isCutOff { return true }
        guard let followed, followed.state.primary != configuration.peer else { return false }
        switch postgres {
        case .applied(.standby), .applied(.stopped): return false
        case .applied(.primary), .untouched, .configuring, .stopping, .held, .lost,
            .standingAside, .retrying, .ended:
            return true
        }
    }

    /// Whether postgres may be running as a primary that somebody else could replace.
    ///
    /// Before the first word of the store the memory tells: an earlier process may have left a server
    /// behind. Where there is no sync, nobody can take over.
    private var mayBeServingAsPrimary: Bool {
        let own = configuration.peer
        if let state = followed?.state { return state.primary == own && state.sync != nil }
        guard case .running(.database) = life, standing == .unheard else { return false }
        return [memory.adopted?.state, memory.proposed].contains { state in
            state?.primary == own && state?.sync != nil
        }
    }

    /// Begins or ends the hold on the gate, as far as no order is under way.
    mutating func boundStaleReads() {
        guard case .running = life else { return }
        switch gateHold {
        case .none:
            if isCutOff {
                gateHold = .doubting(startTimer(.staleReads, configuration.staleReadLimit))
            }
        case .doubting:
            if !isCutOff { gateHold = .none }
        case .shut:
            if !mustHoldGate { orderGate() }
        case .shutting, .releasing, .retrying:
            break
        }
    }

    /// Orders what the gate needs now.
    private mutating func orderGate() {
        let attempt = nextAttempt()
        if mustHoldGate {
            reportGate(.readsEnded(after: configuration.staleReadLimit))
            gateHold = .shutting(attempt)
            actions.append(.orderGate(attempt, .shut))
        } else {
            reportGate(.readsAllowed)
            gateHold = .releasing(attempt)
            actions.append(.orderGate(attempt, .release))
        }
    }

    /// Tells what is about to be done; an order that has failed is not told again, only its end.
    private mutating func reportGate(_ reason: Reason) {
        if case .gateFailed = reported[.reads] { return }
        report(reason)
    }

    mutating func staleReadTimerFired(_ timer: PeerTimer) {
        guard gateHold == .doubting(timer) || gateHold == .retrying(timer) else { return }
        orderGate()
    }

    /// The gate is as it was ordered to be, or is not.
    mutating func gateOrdered(_ attempt: Attempt, _ failure: PostgresFailure?) {
        guard gateHold == .shutting(attempt) || gateHold == .releasing(attempt) else { return }
        if let failure {
            report(.gateFailed(failure))
            gateHold = .retrying(startTimer(.staleReads, configuration.postgresRetry))
        } else if gateHold == .shutting(attempt) {
            report(.readsEnded(after: configuration.staleReadLimit))
            closeWrites()
            gateHold = .shut
        } else {
            report(.readsAllowed)
            clear(.reads)
            gateHold = .none
        }
    }

    mutating func syncHeard(_ isHeard: Bool) {
        syncLink = isHeard ? .heard : .silent
    }
}
