/// What a peer machine asks of its shell, in the order in which it must be begun.
package enum PeerAction: Hashable, Sendable {
    /// Make this durable, then answer with `remembered`.
    case remember(Attempt, PeerMemory)
    /// Write the state if its version is still `expecting` (nil: if there is none), in one
    /// transaction with its history entry; answer with `stateWritten`.
    case writeState(Attempt, ClusterState, expecting: StateVersion?)
    /// Read the state behind everything that was sent before; answer with `stateRead`. While the
    /// store is away the answer waits, or is a failure; never a guess.
    case readState(Attempt)
    /// Make sure that nobody acknowledges under the old generation, then sample the log; answer
    /// with `acknowledgementsStopped`. Applying a configuration undoes it.
    case stopAcknowledgements(Attempt, AcknowledgementStop)
    /// See that this sync keeps up, and write what is dirty to the disk, so that a stop is short;
    /// answer with `handoverPrepared`. It changes nothing, and may run beside every other effect.
    case prepareHandover(Attempt, to: Peer)
    /// Bring postgres to this configuration; answer with `postgresConfigured`. At most one is
    /// outstanding, `stopAcknowledgements` included.
    case configurePostgres(Attempt, PostgresConfiguration)
    /// Give up the outstanding configuration if it is still copying data; it then fails with
    /// `cancelled`.
    case cancelConfiguration(Attempt)
    /// Hold the gate shut or take that back; answer with `gateOrdered`. At most one is outstanding; it
    /// does not wait for configurations.
    case orderGate(Attempt, GateOrder)
    /// Answer with `timerFired` after the duration.
    case startTimer(PeerTimer, Duration)
    /// From now on tell what is seen of these peers, and of nobody else, with `observed`.
    case watch([Peer])
    /// Say this in each beat from now on, the first at once.
    case speak(PeerWord)
    /// Tell the operator: one line, once per decision or refusal.
    case report(Reason)
    /// End the process: going on would be wrong and only an operator can help.
    case fail(FatalReason)
}

/// What is to become of the gate of a primary, whatever else it waits for.
package enum GateOrder: Hashable, Sendable {
    /// Admit no application, and end the sessions that are open.
    case shut
    /// Admit them again once the sync has everything (rule S8).
    case release
}
