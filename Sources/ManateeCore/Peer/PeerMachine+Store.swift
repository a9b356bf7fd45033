/// What the store says, and how far it is believed (rules S1 and S10).
extension PeerMachine {
    /// The connection to the store.
    enum StoreLink: Hashable {
        /// No word since the start. Valid transitions: `.connected`, `.disconnected`.
        case silent(PeerTimer)
        /// Valid transitions: `.disconnected`.
        case connected
        /// It is away, or this process has not started. Valid transitions: `.silent`, `.connected`.
        case disconnected
    }

    /// How the state that is followed relates to the store.
    enum Standing: Hashable {
        /// Nothing was heard from the store, and the memory gives no ground to act. Valid
        /// transitions: `.remembered`, `.absent`, `.current`, `.refused`.
        case unheard
        /// The store is silent; the remembered state is followed and nothing is declared. Valid
        /// transitions: `.current`, `.refused`.
        case remembered
        /// The store has no state. Valid transitions: `.current`, `.refused`.
        case absent
        /// The state that is followed is the newest that the store has shown. Valid transitions:
        /// `.refused`.
        case current
        /// The store shows what must not be followed; everything stays as it is. Valid
        /// transitions: `.current`.
        case refused
    }

    /// A read that confirms a surprising notice.
    enum Confirmation: Hashable {
        case none
        case reading(Attempt)
    }

    /// Where a word about the state comes from.
    enum Source: Hashable {
        /// A change as it was noticed; it may have been overtaken by an own write.
        case notice
        /// A complete view at the beginning of a connection.
        case view
        /// A read behind everything that was sent before.
        case read
    }

    mutating func start(remembering memory: PeerMemory, finding inventory: PostgresInventory) {
        life = .running(inventory)
        self.memory = memory
        memoryLink = .idle(saved: memory)
        if let proposed = memory.proposed, proposed == memory.adopted?.state {
            self.memory.proposed = nil
        }
        if case .database(let found) = inventory,
            let expected = memory.systemIdentifier,
            found != expected
        {
            return fail(.foreignDatabase(detail: foreignDatabaseDetail(found, expected)))
        }
        store = .silent(startTimer(.storeGrace, configuration.storeGrace))
    }

    mutating func storeConnected(_ view: StoreView) {
        store = .connected
        confirmation = .none
        activePeers = view.activePeers
        clear(.connection)
        observe(view.state, .view)
        if case .waitingToRead(_, let proposal) = change { readAgain(proposal) }
    }

    mutating func storeDisconnected() {
        confirmation = .none
        switch store {
        case .silent: break
        case .connected, .disconnected: store = .disconnected
        }
        switch standing {
        case .unheard, .remembered: break
        case .absent, .current, .refused: report(.storeAway)
        }
    }

    /// The store had its time to speak after the start: the memory must do, as far as it safely can.
    mutating func storeGraceEnded(_ timer: PeerTimer) {
        guard store == .silent(timer) else { return }
        store = .disconnected
        guard let adopted = memory.adopted else { return report(.nothingRemembered) }
        if let proposed = memory.proposed {
            return report(.proposalInDoubt(proposed.generation))
        }
        let remembered = adopted.state.role(of: configuration.peer.id)
        if remembered == .primary, adopted.state.finalPosition != nil {
            // The sync may have declared itself.
            return report(.waitingForStore(remembered, adopted.state.generation))
        }
        switch remembered {
        case .primary, .sync, .async:
            guard mayFollow(adopted) else { return }
            standing = .remembered
            followed = adopted
            report(.actingOnMemory(remembered, adopted.state.generation))
            assume(remembered)
        case .deposed, .unassigned, .unknown:
            report(.waitingForStore(remembered, adopted.state.generation))
        }
    }

    /// Takes in what the store shows, or refuses it.
    mutating func observe(_ shown: VersionedState?, _ source: Source) {
        if let problem = shown?.state.problems.first {
            return refuse(.stateUnreadable(problem))
        }
        let reason = reasonToRefuse(shown)
        switch (source, standing) {
        case (.notice, .current) where reason != nil || isOlder(shown):
            confirm()
        case (.notice, _), (.view, _), (.read, _):
            if let reason { refuse(reason) } else { accept(shown) }
        }
    }

    private func isOlder(_ shown: VersionedState?) -> Bool {
        guard let shown, let followed else { return false }
        return shown.version < followed.version
    }

    /// Keeps everything as it is, loudly.
    mutating func refuse(_ reason: Reason) {
        standing = .refused
        report(reason)
    }

    /// A store that is empty, or older than what this peer has acted on, is not the one it knew.
    private func reasonToRefuse(_ shown: VersionedState?) -> Reason? {
        guard let known = memory.adopted else { return nil }
        guard let shown else { return .storeWentBack(known: .init(known), shown: nil) }
        let older =
            shown.state.generation < known.state.generation
            || shown.state.generation == known.state.generation
                && shown.version < known.version
                && shown.state != known.state
        if older { return .storeWentBack(known: .init(known), shown: .init(shown)) }
        return shown.state.contradicts(known.state.reign)
            ? .otherHistory(known: known.state.reign, shown: .init(shown)) : nil
    }

    private mutating func accept(_ shown: VersionedState?) {
        clear(.store)
        guard let shown else {
            standing = .absent
            followed = nil
            return assume(.unassigned)
        }
        if let proposal = change.inFlight {
            guard shown == proposal.base else { return settle(proposal, by: shown) }
            standing = .current
            return
        }
        switch change {
        case .refreshing where shown != followed, .backingOff where shown != followed:
            change = .idle
        case .idle, .preparing, .stopping, .remembering, .writing, .reading, .waitingToRead,
            .refreshing, .backingOff:
            break
        }
        let settled = settledProposalOfEarlierProcess(by: shown)
        follow(shown)
        if let settled {
            memory.proposed = nil
            announce(settled)
        }
    }

    /// Asks the store whether a notice that looks older than what is known was only late.
    private mutating func confirm() {
        guard case .none = confirmation else { return }
        let attempt = nextAttempt()
        confirmation = .reading(attempt)
        actions.append(.readState(attempt))
    }

    mutating func stateRead(
        _ attempt: Attempt,
        _ result: Result<VersionedState?, EffectFailure>
    ) {
        if confirmation == .reading(attempt) {
            confirmation = .none
            if case .success(let shown) = result { observe(shown, .read) }
            return
        }
        changeRead(attempt, result)
    }

    /// Makes `new` the state that this peer acts on.
    mutating func follow(_ new: VersionedState) {
        guard mayFollow(new) else { return }
        standing = .current
        if followed?.state.generation != new.state.generation { generationSince = moment.instant }
        followed = new
        memory.adopted = new
        assume(new.state.role(of: configuration.peer.id))
    }

    /// Ends the process if this peer cannot be what `new` makes of it.
    private mutating func mayFollow(_ new: VersionedState) -> Bool {
        if configuration.mode == .oneNodeWrite && !new.state.oneNodeWriteMode {
            fail(.singletonInNormalCluster)
            return false
        }
        guard new.state.primary == configuration.peer, case .running(.empty) = life else {
            return true
        }
        let first = Generation(1)
        let isOwnSetup =
            memory.systemIdentifier == nil && new.state.generation == first
            && (memory.adopted?.state.generation == first
                || memory.proposed?.generation == first)
        if !isOwnSetup { fail(.databaseLost(new.state.generation)) }
        return isOwnSetup
    }

    /// Takes the role that the state gives this peer.
    private mutating func assume(_ new: PeerRole) {
        let assumed = Reason.assumed(new, followed?.state.generation)
        guard reported[.role] != assumed else { return }
        if new != role {
            role = new
            roleSince = moment.instant
        }
        clear(.change, .refusal, .request, .requestRefusal, .suspicion)
        report(assumed)
    }
}
