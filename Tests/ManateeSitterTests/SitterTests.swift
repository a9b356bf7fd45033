import Logging
import ManateeCore
import ManateeJournal
import ManateePorts
import Testing

@testable import ManateeSitter

/// One sitter with everything it stands on.
private struct Bench {
    let peer: Peer
    let store: InMemoryStore
    let postgres: ScriptedPostgres
    let memory: VolatileMemory
    let records: VolatileRecords
    let heartbeat = ScriptedHeartbeat()
    let hooks: HookQueue
    let sitter: Sitter

    init(
        _ name: String,
        in shard: InMemoryShard,
        postgres: ScriptedPostgres = ScriptedPostgres(),
        memory: VolatileMemory = VolatileMemory(),
        records: VolatileRecords = VolatileRecords(),
        hooks: ScriptedHooks = ScriptedHooks()
    ) {
        let logger = Logger(label: name, factory: { _ in SwiftLogNoOpLogHandler() })
        peer = Peer(
            id: PeerID("\(name):5432:12345"),
            ip: name,
            postgresURL: "tcp://postgres@\(name):5432/postgres",
            zoneID: name,
            backupURL: "http://\(name):12345",
            heartbeatPort: 5434
        )
        store = InMemoryStore(shard: shard, peer: peer)
        self.postgres = postgres
        self.memory = memory
        self.records = records
        var configuration = PeerMachine.Configuration(peer: peer)
        configuration.backOff = .milliseconds(20)
        configuration.postgresRetry = .milliseconds(20)
        configuration.staleReadLimit = .milliseconds(20)
        self.hooks = HookQueue(runner: hooks, logger: logger)
        sitter = Sitter(
            machine: PeerMachine(configuration),
            store: store,
            postgres: postgres,
            memory: memory,
            records: records,
            heartbeat: heartbeat,
            hooks: self.hooks,
            shard: "1",
            wallClock: { WallTime(milliseconds: 1_772_366_400_000) },
            logger: logger
        )
    }
}

/// Runs the sitters while `body` does, then ends them.
private func running(
    _ benches: Bench...,
    body: () async throws -> Void
) async throws {
    try await withThrowingTaskGroup { group in
        for bench in benches {
            group.addTask { try await bench.sitter.run() }
            group.addTask { try await bench.hooks.run() }
        }
        for bench in benches { await bench.store.connect() }
        try await body()
        group.cancelAll()
    }
}

/// Waits until `condition` holds; the test's time limit bounds it.
private func until(_ condition: () async -> Bool) async throws {
    while await !condition() { try await Task.sleep(for: .milliseconds(1)) }
}

@Suite("A sitter", .timeLimit(.minutes(1)))
struct SitterTests {
    @Test func `sets up a shard with the second peer as its sync`() async throws {
        let shard = InMemoryShard()
        let (a, b) = (Bench("a", in: shard), Bench("b", in: shard))
        try await running(a, b) {
            try await until {
                await b.postgres.configurations.contains { $0.isStandby(of: a.peer) }
            }
            try await until {
                await a.postgres.configurations.contains { $0.isPrimary(for: b.peer) }
            }
            #expect(await shard.writes.map(\.generation) == [Generation(1)])
        }
        #expect(await a.postgres.isShutDown)
        #expect(await b.postgres.isShutDown)
    }

    @Test func `takes over with everything in order when its primary leaves`() async throws {
        let shard = InMemoryShard()
        let (a, b, c) = (Bench("a", in: shard), Bench("b", in: shard), Bench("c", in: shard))
        try await running(a, b, c) {
            try await until { await b.sitter.peerView().role == .sync }
            try await until { await c.sitter.peerView().role == .async }
            try await until {
                await b.postgres.configurations.contains { $0.isStandby(of: a.peer) }
            }
            await a.store.disconnect()
            try await until { await b.sitter.peerView().role == .primary }
            #expect(await b.postgres.stops == [.detachFromUpstream])
            #expect(await shard.state?.state.deposed == [a.peer])
            #expect(await shard.state?.state.initWAL == LSN(100))
            // The intent was durable before the state was written.
            #expect(await b.memory.saved.contains { $0.proposed?.generation == Generation(2) })
            // What it spent its time on is recorded once clients are admitted.
            let news = await b.sitter.entries(after: 0)
            b.postgres.openWrites(in: Generation(2))
            let record = await news.first { $0.kind == .record && $0.label == "takeover" }
            #expect(record?.generation == Generation(2))
            #expect(await b.sitter.journal().records.last?.signs.map(\.cause) == [.primaryLeft])
        }
    }

    @Test func `tells hooks before and after its place goes to the sync`() async throws {
        let shard = InMemoryShard()
        let (told, heard) = (ScriptedHooks(), ScriptedHooks())
        let (a, b) = (Bench("a", in: shard, hooks: told), Bench("b", in: shard, hooks: heard))
        try await running(a, b) {
            try await askForHandover(from: a, to: b, in: shard)
            try await until { await told.events.contains(.afterSwitchover) }
            let notices = await told.told.filter { $0.event != .roleChange }
            #expect(notices.map(\.event) == [.beforeSwitchover, .afterSwitchover])
            #expect(notices.map(\.outcome) == [nil, .done])
            #expect(notices.map(\.generation) == [Generation(1), Generation(2)])
            #expect(notices.map(\.primaryURL) == [a.peer.postgresURL, b.peer.postgresURL])
            b.postgres.openWrites(in: Generation(2))
            try await until { await heard.events.last == .takeover }
            #expect(await heard.told.last?.primaryURL == b.peer.postgresURL)
        }
    }

    @Test func `keeps its place when the hook before a switchover refuses`() async throws {
        let shard = InMemoryShard()
        let told = ScriptedHooks([.beforeSwitchover: HookResult(.exited(1))])
        let (a, b) = (Bench("a", in: shard, hooks: told), Bench("b", in: shard))
        try await running(a, b) {
            try await askForHandover(from: a, to: b, in: shard)
            try await until { await told.events.contains(.afterSwitchover) }
            let notices = await told.told.filter { $0.event != .roleChange }
            #expect(
                notices.prefix(2).map(\.event) == [.beforeSwitchover, .afterSwitchover]
            )
            #expect(notices[1].outcome == .refused)
            #expect(await a.postgres.stops == [])
            #expect(await shard.state?.state.generation == Generation(1))
        }
    }

    /// Lets `from`, whose clients are admitted, be asked to give its place to `to`.
    private func askForHandover(
        from: Bench,
        to: Bench,
        in shard: InMemoryShard
    ) async throws {
        try await until {
            await to.postgres.configurations.contains { $0.isStandby(of: from.peer) }
        }
        try await until { await to.sitter.peerView().pending == [] }
        try await until { await from.sitter.peerView().role == .primary }
        try await until { await from.sitter.peerView().pending == [] }
        from.postgres.openWrites(in: Generation(1))
        try await until { await from.sitter.peerView().writesOpen == Generation(1) }
        let base = try #require(await shard.state)
        var state = base.state
        state.promote = .object([
            "id": .string(to.peer.id.text), "role": .string("sync"), "generation": .integer(1),
            "expireTime": .string("2026-03-01T12:01:00.000Z"),
        ])
        #expect(await shard.write(state, expecting: base.version) != .conflict)
    }

    @Test func `holds its gate shut while neither store nor sync is heard`() async throws {
        let shard = InMemoryShard()
        let (a, b) = (Bench("a", in: shard), Bench("b", in: shard))
        try await running(a, b) {
            try await until { await a.sitter.peerView().role == .primary }
            await a.store.disconnect()
            try await until { await a.postgres.gateOrders == [.shut] }
            a.postgres.hearSync(true)
            try await until { await a.postgres.gateOrders == [.shut, .release] }
            a.postgres.hearSync(false)
            try await until { await a.postgres.gateOrders == [.shut, .release, .shut] }
            await a.store.connect()
            try await until { await a.postgres.gateOrders.last == .release }
        }
        #expect(await b.postgres.gateOrders == [])
    }

    @Test func `gives up a copy that the topology has overtaken`() async throws {
        let shard = InMemoryShard()
        let c = Bench("c", in: shard)
        await c.postgres.copyForEver()
        let (a, b) = (Bench("a", in: shard), Bench("b", in: shard))
        try await running(a, b, c) {
            try await until {
                await c.postgres.configurations.contains { $0.isStandby(of: b.peer) }
            }
            await b.store.disconnect()
            try await until { await c.sitter.peerView().role == .sync }
            try await until { await c.postgres.cancellations > 0 }
            try await until {
                await c.postgres.configurations.contains { $0.isStandby(of: a.peer) }
            }
        }
    }

    @Test func `configures postgres anew when it was lost`() async throws {
        let shard = InMemoryShard()
        let (a, b) = (Bench("a", in: shard), Bench("b", in: shard))
        try await running(a, b) {
            try await until {
                await a.postgres.configurations.contains { $0.isPrimary(for: b.peer) }
            }
            try await until { await a.sitter.peerView().pending.isEmpty }
            let before = await a.postgres.configurations.count
            a.postgres.lose("it was killed by signal 9")
            try await until { await a.postgres.configurations.count > before }
        }
    }

    @Test func `ends and stops postgres when going on would be wrong`() async throws {
        let shard = InMemoryShard()
        let memory = VolatileMemory()
        try await memory.save(PeerMemory(systemIdentifier: SystemIdentifier(1)))
        let foreign = ScriptedPostgres(found: .database(SystemIdentifier(2)))
        let a = Bench("a", in: shard, postgres: foreign, memory: memory)
        await #expect {
            try await a.sitter.run()
        } throws: { error in
            guard case SitterFailure.refused(.foreignDatabase) = error else { return false }
            return true
        }
        #expect(await foreign.isShutDown)
        #expect(await foreign.configurations.isEmpty)
    }

    @Test func `ends when its memory cannot be read`() async throws {
        let unreadable = EffectFailure("the memory is garbage")
        let a = Bench(
            "a",
            in: InMemoryShard(),
            memory: VolatileMemory(unreadable: unreadable)
        )
        await #expect(throws: SitterFailure.memory(unreadable)) { try await a.sitter.run() }
    }

    private static let earlier = RoleChangeRecord(
        kind: .takeover,
        role: .primary,
        generation: Generation(7),
        began: WallTime(milliseconds: 1_772_366_300_000),
        segments: [.init(.promote, .milliseconds(84))]
    )

    @Test func `keeps its role changes behind those of an earlier sitter`() async throws {
        let shard = InMemoryShard()
        let records = VolatileRecords([Self.earlier])
        let (a, b) = (Bench("a", in: shard), Bench("b", in: shard, records: records))
        try await running(a, b) {
            try await until { await records.records.count == 2 }
            let kept = await records.records
            #expect(kept.first == Self.earlier)
            #expect(kept.last?.kind == .follow)
            #expect(await b.sitter.journal().records == kept)
        }
    }

    @Test func `does its work without earlier role changes if they cannot be read`() async throws {
        let shard = InMemoryShard()
        let records = VolatileRecords([Self.earlier], isDamaged: true)
        let (a, b) = (Bench("a", in: shard), Bench("b", in: shard, records: records))
        try await running(a, b) {
            // The next record replaces what could not be read.
            try await until { await records.records.map(\.kind) == [.follow] }
        }
    }
}

extension PostgresConfiguration {
    fileprivate func isStandby(of upstream: Peer) -> Bool {
        if case .standby(let standby) = self { standby.upstream == upstream } else { false }
    }

    fileprivate func isPrimary(for sync: Peer) -> Bool {
        if case .primary(let primary) = self { primary.sync == sync } else { false }
    }
}
