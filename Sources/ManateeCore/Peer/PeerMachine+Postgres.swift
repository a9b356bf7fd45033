/// The own postgres: one effect at a time brings it to what the state makes of this peer (R70 to R74).
extension PeerMachine {
    /// What is known of postgres.
    enum PostgresLink: Hashable {
        /// Nothing was asked of it by this process. Valid transitions: `.configuring`.
        case untouched
        /// It is as asked. Valid transitions: `.configuring`, `.stopping`, `.standingAside`, `.lost`.
        case applied(PostgresConfiguration)
        /// Valid transitions: `.applied`, `.lost`, `.retrying`.
        case configuring(Attempt, PostgresConfiguration, Afterwards)
        /// Acknowledgements are being stopped. Valid transitions: `.held`, `.ended`.
        case stopping(Attempt)
        /// It has stopped as primary, and its log ends here. Valid transitions: `.configuring`.
        case ended(WALPosition)
        /// Acknowledgements are stopped, or were to be. Valid transitions: `.configuring`.
        case held
        /// It is not as it was asked to be. Valid transitions: `.configuring`.
        case lost
        /// As primary: its server ended, and the sync is given time to take over. Valid transitions:
        /// `.configuring`, `.lost`.
        case standingAside(PeerTimer, PostgresConfiguration)
        /// It could not be configured; the next attempt follows. Valid transitions: `.lost`,
        /// `.configuring`.
        case retrying(PeerTimer, PostgresConfiguration)
    }

    /// What follows the configuration that is outstanding.
    enum Afterwards: Hashable {
        /// Nothing, if it succeeds.
        case keep
        /// The same again: postgres was lost meanwhile.
        case again
        /// Another one: it was asked to be given up.
        case another
    }

    /// What postgres is to be; nil if it is to be left as it is.
    var wish: PostgresConfiguration? {
        if change.holdsAcknowledgements || isProposalOfEarlierProcessInDoubt || isStoppingForSync {
            return nil
        }
        if let followed {
            return followed.state.postgresConfiguration(
                of: configuration.peer.id,
                among: livingPeers,
                rejoin: configuration.rejoin
            )
        }
        switch standing {
        case .absent: return .stopped
        case .unheard, .remembered, .current, .refused: return nil
        }
    }

    /// Whether a write of an earlier process could still make a primary of this peer.
    private var isProposalOfEarlierProcessInDoubt: Bool {
        guard memory.proposed != nil else { return false }
        switch change {
        case .idle, .preparing, .refreshing, .backingOff: return true
        case .stopping, .remembering, .writing, .reading, .waitingToRead: return false
        }
    }

    /// Asks for the wished configuration if postgres is not there, nor on the way.
    mutating func reconcilePostgres() {
        guard case .running = life, let wish else { return }
        switch postgres {
        case .applied(let present):
            if present != wish { configure(wish) }
        case .ended:
            if wish != .stopped { configure(wish) }
        case .untouched, .held, .lost:
            configure(wish)
        case .configuring(let attempt, let target, .keep),
            .configuring(let attempt, let target, .again):
            if target != wish {
                postgres = .configuring(attempt, target, .another)
                actions.append(.cancelConfiguration(attempt))
            }
        case .retrying(_, let failed):
            if failed != wish { configure(wish) }
        case .standingAside(_, let target):
            let generation = followed?.state.generation
            if target != wish || syncToStandAsideFor(generation) == nil { configure(wish) }
        case .configuring(_, _, .another), .stopping:
            break
        }
    }

    private mutating func configure(_ target: PostgresConfiguration) {
        let attempt = nextAttempt()
        postgres = .configuring(attempt, target, .keep)
        switch target {
        case .primary(let primary) where primary.generation == writesOpen: break
        case .primary, .standby, .stopped: closeWrites()
        }
        actions.append(.configurePostgres(attempt, target))
    }

    mutating func postgresConfigured(
        _ attempt: Attempt,
        _ result: Result<SystemIdentifier?, PostgresFailure>
    ) {
        guard case .configuring(attempt, let target, let afterwards) = postgres else { return }
        switch result {
        case .success(let database):
            if let database { hold(database) }
            switch afterwards {
            case .keep, .another:
                postgres = .applied(target)
                mishap = .none
            case .again:
                postgres = .lost
            }
            clear(.postgres)
        case .failure(let failure):
            configurationFailed(failure, target, afterwards)
        }
    }

    private mutating func configurationFailed(
        _ failure: PostgresFailure,
        _ target: PostgresConfiguration,
        _ afterwards: Afterwards
    ) {
        switch (failure.kind, afterwards) {
        case (.foreignDatabase, _):
            fail(.foreignDatabase(detail: failure.detail))
        case (.cancelled, .another), (.sourceUnreachable, .another), (.noSpace, .another),
            (.other, .another):
            postgres = .lost
        case (.cancelled, .keep), (.cancelled, .again), (.sourceUnreachable, .keep),
            (.sourceUnreachable, .again), (.noSpace, .keep), (.noSpace, .again), (.other, .keep),
            (.other, .again):
            report(.postgresFailed(failure))
            let timer = startTimer(.postgresRetry, configuration.postgresRetry)
            postgres = .retrying(timer, target)
        }
    }

    mutating func postgresTimerFired(_ timer: PeerTimer) {
        guard case .retrying(timer, _) = postgres else { return }
        postgres = .lost
    }

    /// Remembers which database this peer holds; it must never change.
    private mutating func hold(_ database: SystemIdentifier) {
        if let held = memory.systemIdentifier, held != database {
            return fail(.foreignDatabase(detail: foreignDatabaseDetail(database, held)))
        }
        memory.systemIdentifier = database
        life = .running(.database(database))
    }

    func foreignDatabaseDetail(_ found: SystemIdentifier, _ expected: SystemIdentifier) -> String {
        """
        the data directory holds the database with system identifier \(found), but this peer has \
        held \(expected); put the right data directory back, or, if the change is meant, remove \
        this peer's memory file
        """
    }

    mutating func postgresLost(_ seen: String) {
        // A stop that was asked for is no mishap, and no reason for a takeover.
        if !isStoppingForSync { mishap = .lost(seen) }
        switch postgres {
        case .applied(let present):
            if let sync = syncToStandAsideFor(writesOpen) {
                let limit = configuration.detection.standAside
                postgres = .standingAside(startTimer(.standAside, limit), present)
                report(.standingAside(for: sync.id, limit, seen))
            } else {
                postgres = .lost
                report(.postgresLost(seen))
            }
            closeWrites()
            failHandover(.postgresLost(seen))
        case .configuring(let attempt, let target, .keep):
            postgres = .configuring(attempt, target, .again)
        case .stopping, .held:
            switch change {
            case .stopping(_, let candidacy) where candidacy.intent == .handOver: break
            case .stopping(_, let candidacy): abandon(candidacy.intent, .postgresLost(seen))
            case .remembering(let proposal): abandon(proposal.intent, .postgresLost(seen))
            case .idle, .preparing, .writing, .reading, .waitingToRead, .refreshing, .backingOff:
                break
            }
        case .configuring(_, _, .again), .configuring(_, _, .another), .untouched, .lost,
            .standingAside, .retrying, .ended:
            break
        }
    }

    mutating func closeWrites() {
        writesOpen = nil
        clear(.writes)
    }

    mutating func writesOpened(_ generation: Generation) {
        switch postgres {
        case .applied(.primary(let primary)), .configuring(_, .primary(let primary), .keep):
            guard primary.generation == generation else { return }
        case .untouched, .applied, .configuring, .stopping, .held, .lost, .standingAside,
            .retrying, .ended:
            return
        }
        postgresAnswers()
        writesOpen = generation
        report(.writesOpened(generation))
    }
}
