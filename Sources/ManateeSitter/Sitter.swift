package import Logging
package import ManateeCore
package import ManateeJournal
package import ManateePorts
import ServiceLifecycle

/// The shell of one peer: it tells the machine what happens, and does what the machine says.
///
/// No policy lives here. Every effect runs in a task that `run` owns, and comes back as an event with
/// the effect's attempt, so that a log of events replays every decision.
package actor Sitter: SitterStatus, Service {
    /// How long postgres may take to stop when the sitter ends.
    package static let shutdownLimit = Duration.seconds(20)

    private var machine: PeerMachine
    private let store: any CoordinationStore
    private let postgres: any PostgresControl
    private let memory: any MemoryStorage
    private let recordStorage: any RecordStorage
    private let heartbeat: any Heartbeat
    private let logger: Logger
    private let wallClock: @Sendable () -> WallTime
    private let clock = ContinuousClock()
    private let origin: ContinuousClock.Instant

    /// What happened and is not handled yet.
    ///
    /// It needs no bound: the machine has one effect of each kind outstanding, the store tells only the
    /// newest value, and peers beat at a rate that is bounded.
    private let events: AsyncStream<PeerEvent>
    private let mailbox: AsyncStream<PeerEvent>.Continuation
    /// Memories to save, in order: a later one must not be overtaken by an earlier one.
    private let memories: AsyncStream<(Attempt, PeerMemory)>
    private let toRemember: AsyncStream<(Attempt, PeerMemory)>.Continuation
    /// Tells that there is a new record; several may be told as one.
    private let newRecord: AsyncStream<Void>
    private let tellNewRecord: AsyncStream<Void>.Continuation
    private var diary: SitterDiary
    private let hooks: HookQueue?
    private var hookWatch: HookWatch
    private var configuring: (attempt: Attempt, interruption: Interruption)?

    /// The sitter of the peer that `machine` decides for.
    ///
    /// `wallClock` tells the time of day, by which operators' requests expire; it is asked once per
    /// event. `hooks` are told of the shard by the name `shard`.
    package init(
        machine: PeerMachine,
        store: any CoordinationStore,
        postgres: any PostgresControl,
        memory: any MemoryStorage,
        records: any RecordStorage,
        heartbeat: any Heartbeat,
        hooks: HookQueue? = nil,
        shard: String = "",
        wallClock: @escaping @Sendable () -> WallTime,
        logger: Logger
    ) {
        self.machine = machine
        self.store = store
        self.postgres = postgres
        self.memory = memory
        recordStorage = records
        self.heartbeat = heartbeat
        self.hooks = hooks
        hookWatch = HookWatch(shard: shard)
        self.wallClock = wallClock
        self.logger = logger
        origin = clock.now
        diary = SitterDiary(epoch: wallClock())
        (events, mailbox) = AsyncStream.makeStream()
        (memories, toRemember) = AsyncStream.makeStream()
        (newRecord, tellNewRecord) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
    }

    /// What the peer is and what it waits for.
    package func peerView() -> PeerView { machine.view }

    /// What is known about the peer's postgres.
    package func postgresStatus() async -> PostgresStatus { await postgres.status() }

    /// Judges other peers by these limits from now on.
    package func adopt(_ detection: FailureDetection) {
        mailbox.yield(.detectionChanged(detection))
    }

    /// What the sitter did so far.
    package func journal() -> Journal { diary.journal }

    /// The lines after the one with this number that are still kept, then each new one.
    package func entries(after number: Int?) -> AsyncStream<JournalEntry> {
        diary.follow(after: number)
    }

    /// Notes a sign that roles may have to change, which may be dated back: a record of the change then
    /// begins with it.
    package func noticed(_ cause: DetectionCause, at moment: Moment) {
        diary.journal.noticed(cause, at: moment)
    }

    /// Decides and acts until graceful shutdown or cancellation; then it stops postgres.
    ///
    /// Postgres stops before the store's session ends, so that a sync which takes over has received
    /// all that this peer ever wrote, and nothing diverges.
    ///
    /// - Throws: `SitterFailure` when going on would be wrong.
    package func run() async throws {
        do {
            try await decide()
        } catch {
            await postgres.shutDown(within: Sitter.shutdownLimit)
            diary.close()
            throw error
        }
        await postgres.shutDown(within: Sitter.shutdownLimit)
        diary.close()
    }

    private func decide() async throws {
        mailbox.yield(try await firstEvent())
        try await withThrowingDiscardingTaskGroup { group in
            group.addTask { [store, mailbox] in
                for await event in store.events { mailbox.yield(PeerEvent(event)) }
            }
            group.addTask { [postgres, mailbox] in
                for await event in postgres.events {
                    if case .attached(let generation) = event {
                        await self.attached(in: generation)
                    } else if let event = PeerEvent(event) {
                        mailbox.yield(event)
                    }
                }
            }
            group.addTask { [heartbeat, mailbox] in
                for await event in heartbeat.events { mailbox.yield(PeerEvent(event)) }
            }
            group.addTask { [memory, memories, mailbox] in
                for await (attempt, content) in memories {
                    mailbox.yield(
                        .remembered(
                            attempt,
                            await failure { () throws(EffectFailure) in
                                try await memory.save(content)
                            }
                        )
                    )
                }
            }
            group.addTask { await self.keepRecords() }
            for await event in events.cancelOnGracefulShutdown() {
                for action in step(event) { try perform(action, in: &group) }
            }
            group.cancelAll()
        }
    }

    /// Tells the machine `event`, and keeps what comes of it in the journal.
    private func step(_ event: PeerEvent) -> [PeerAction] {
        let (before, moment) = (machine.view, now)
        let actions = machine.handle(event, at: moment)
        let isRecorded = diary.observe(
            PeerStep(
                event: event,
                actions: actions,
                before: before,
                after: machine.view,
                moment: moment
            )
        )
        if isRecorded { tellNewRecord.yield() }
        for notice in hookWatch.notices(from: before, to: machine.view) { hooks?.tell(notice) }
        return actions
    }

    /// Takes up the records of earlier sitters, then keeps each new one; nothing waits for either.
    private func keepRecords() async {
        do {
            diary.journal.recall(try await recordStorage.load())
        } catch {
            logger.warning(
                "earlier role changes are not known; the next record replaces the file",
                metadata: ["error": "\(error)"]
            )
        }
        for await _ in newRecord {
            do {
                try await recordStorage.save(diary.journal.records)
            } catch {
                logger.warning(
                    "the record of a role change is kept in memory only",
                    metadata: ["error": "\(error)"]
                )
            }
        }
    }

    /// Lets the hook before a switchover do its work.
    ///
    /// - Throws: if it does not allow the switchover.
    private func askBeforeSwitchover() async throws(PostgresFailure) {
        guard let hooks else { return }
        guard let problem = await hooks.ask(hookWatch.beginSwitchover(machine.view))?.problem else {
            return
        }
        if let notice = hookWatch.endSwitchover(.refused, machine.view) { hooks.tell(notice) }
        throw PostgresFailure(
            .other,
            "the hook beforeSwitchover does not allow it: \(problem); see this peer's log"
        )
    }

    private func attached(in generation: Generation) {
        diary.journal.attached(in: generation, at: now)
    }

    private func firstEvent() async throws(SitterFailure) -> PeerEvent {
        let remembered: PeerMemory
        do {
            remembered = try await memory.load()
        } catch {
            throw .memory(error)
        }
        do {
            return .started(remembered, try await postgres.inventory())
        } catch {
            throw .disk(error)
        }
    }

    private func perform(
        _ action: PeerAction,
        in group: inout ThrowingDiscardingTaskGroup<any Error>
    ) throws(SitterFailure) {
        switch action {
        case .remember(let attempt, let content):
            toRemember.yield((attempt, content))
        case .writeState(let attempt, let state, let expected):
            group.addTask { [store, mailbox] in
                mailbox.yield(.stateWritten(attempt, await store.write(state, expecting: expected)))
            }
        case .readState(let attempt):
            group.addTask { [store, mailbox] in
                mailbox.yield(
                    .stateRead(
                        attempt,
                        await result { () throws(EffectFailure) in
                            try await store.read()
                        }
                    )
                )
            }
        case .stopAcknowledgements(let attempt, let how):
            group.addTask { [postgres, mailbox] in
                mailbox.yield(
                    .acknowledgementsStopped(
                        attempt,
                        await result { () throws(PostgresFailure) in
                            try await postgres.stopAcknowledgements(how)
                        }
                    )
                )
            }
        case .prepareHandover(let attempt, let sync):
            group.addTask { [postgres, mailbox] in
                mailbox.yield(
                    .handoverPrepared(
                        attempt,
                        await failure { () throws(PostgresFailure) in
                            try await postgres.prepareHandover(to: sync)
                            try await self.askBeforeSwitchover()
                        }
                    )
                )
            }
        case .configurePostgres(let attempt, let configuration):
            let interruption = Interruption()
            configuring = (attempt, interruption)
            group.addTask { [postgres, mailbox] in
                let outcome = await interruption.bound {
                    await result { () throws(PostgresFailure) in
                        try await postgres.configure(configuration)
                    }
                }
                mailbox.yield(.postgresConfigured(attempt, outcome))
            }
        case .cancelConfiguration(let attempt):
            if let configuring, configuring.attempt == attempt {
                configuring.interruption.interrupt()
            }
        case .orderGate(let attempt, let order):
            group.addTask { [postgres, mailbox] in
                mailbox.yield(
                    .gateOrdered(
                        attempt,
                        await failure { () throws(PostgresFailure) in
                            try await postgres.order(order)
                        }
                    )
                )
            }
        case .startTimer(let timer, let duration):
            group.addTask { [mailbox, clock] in
                // Sleeping fails only by cancellation: then nobody waits for the timer any more.
                guard (try? await clock.sleep(for: duration * timer.jitter)) != nil else { return }
                mailbox.yield(.timerFired(timer))
            }
        case .watch(let peers):
            heartbeat.watch(peers)
        case .speak(let word):
            heartbeat.speak(word)
        case .report(let reason):
            logger.info("peer decision", metadata: ["reason": "\(reason)"])
        case .fail(let reason):
            throw .refused(reason)
        }
    }

    private var now: Moment {
        Moment(Instant(origin.duration(to: clock.now)), wall: wallClock())
    }
}

extension PeerTimer {
    /// The factor by which the shell stretches a wait, so that peers which failed together do not try
    /// again together.
    fileprivate var jitter: Double {
        switch purpose {
        case .backOff, .postgresRetry: Double.random(in: 0.8...1.2)
        case .storeGrace, .requestExpiry, .handover, .look, .standAside, .staleReads: 1
        }
    }
}

/// The outcome of `work` as a value.
private func result<Success, Failure>(
    _ work: () async throws(Failure) -> Success
) async -> Result<Success, Failure> {
    do {
        return .success(try await work())
    } catch {
        return .failure(error)
    }
}

/// Why `work` failed; nil if it did not.
private func failure<Failure>(_ work: () async throws(Failure) -> Void) async -> Failure? {
    do {
        try await work()
        return nil
    } catch {
        return error
    }
}
