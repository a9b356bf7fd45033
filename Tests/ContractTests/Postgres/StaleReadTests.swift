import Foundation
import Glibc
import ManateeCore
import ManateePorts
import ManateePostgres
import Testing

/// A gate that is held shut, and the word of the sync, on real servers.
@Suite(
    "A primary's bound on stale reads",
    .serialized,
    .enabled(if: PostgresFixture.available, PostgresFixture.remedy)
)
struct StaleReadTests {
    @Test(.timeLimit(.minutes(3)))
    func `refuses applications, ends their sessions, and admits them once the sync has all`()
        async throws
    {
        try await PostgresFixture.with(["a", "b"]) { fixture, nodes in
            let (a, b) = (nodes[0], nodes[1])
            try await fixture.establish(a, b)
            let idle = try await fixture.connect(to: a)
            let busy = try await fixture.connect(to: a)
            try await withThrowingTaskGroup { group in
                group.addTask {
                    await #expect(throws: PostgresError.self) {
                        try await busy.query("select pg_sleep(60)", within: .seconds(60))
                    }
                }
                try await expectEventually("a session is busy") {
                    try await a.value(Self.sleepers) == "1"
                }
                try await a.server.order(.shut)
                try await group.waitForAll()
            }
            #expect(await a.server.status().gateOpen == false)
            #expect(try await a.value(Self.applications) == "0")
            await #expect(throws: PostgresError.self) { try await idle.query("select 1") }
            await #expect(throws: PostgresError.self) { try await fixture.connect(to: a) }
            // The standby goes on streaming, and is no concern of the hold.
            #expect(try await a.value("select count(*) from pg_stat_replication") == "1")
            #expect(try await fixture.connect(to: b).query("select 1") == [["1"]])

            // A configuration does not open it, a restart neither.
            _ = try await a.server.configure(.primary(1, b))
            await a.server.shutDown(within: .seconds(10))
            _ = try await a.server.configure(.primary(1, b))
            try await expectEventually("the sync streams again") {
                try await a.value("select sync_state from pg_stat_replication") == "sync"
            }
            await #expect(throws: PostgresError.self) { try await fixture.connect(to: a) }
            #expect(await a.server.status().gateOpen == false)

            let told = a.events.filter { $0 == .writesOpened(Generation(1)) }.count
            try await a.server.order(.release)
            try await expectEventually("writes are open again") {
                a.events.filter { $0 == .writesOpened(Generation(1)) }.count == told + 1
            }
            let client = try await fixture.connect(to: a)
            _ = try await client.query("insert into t values (1)")
        }
    }

    /// Otherwise a reader that is admitted again could see what a takeover would take back.
    @Test(.timeLimit(.minutes(3)))
    func `shows a commit that was waiting when sessions were ended only once the sync has it`()
        async throws
    {
        try await PostgresFixture.with(["a", "b"]) { fixture, nodes in
            let (a, b) = (nodes[0], nodes[1])
            try await fixture.establish(a, b)
            let waiting = try await fixture.connect(to: a)
            await b.server.shutDown(within: .seconds(5))
            try await withThrowingTaskGroup { group in
                group.addTask {
                    await #expect(throws: PostgresError.self) {
                        try await waiting.query("insert into t values (7)", within: .seconds(60))
                    }
                }
                try await expectEventually("a commit waits") {
                    try await a.value(
                        "select count(*) from pg_stat_activity where wait_event = 'SyncRep'"
                    ) == "1"
                }
                try await a.server.order(.shut)
                try await group.waitForAll()
            }
            #expect(try await a.value("select count(*) from t") == "1")
            try await a.server.order(.release)
            for _ in 0..<20 {
                await #expect(throws: PostgresError.self) { try await fixture.connect(to: a) }
            }
            _ = try await b.server.configure(.standby(of: a))
            try await expectEventually("it is open") { await a.server.status().gateOpen }
            #expect(try await b.value("select pg_last_wal_receive_lsn() > '0/0'") == "t")
            #expect(try await fixture.connect(to: a).query("select n from t") == [["7"]])
        }
    }

    @Test(.timeLimit(.minutes(3)))
    func `tells when the word of the sync is heard, and when it is not`() async throws {
        try await PostgresFixture.with(["a", "b"]) { fixture, nodes in
            let (a, b) = (nodes[0], nodes[1])
            try await fixture.establish(a, b)
            try await expectEventually("it is heard") { a.heard == [true] }
            // Its connection stays, as that of a peer behind a cut cable does: only its word stops.
            let frozen = try await b.receiver()
            #expect(kill(frozen, SIGSTOP) == 0)
            try await expectEventually("it is silent") { a.heard == [true, false] }
            #expect(try await a.value("select count(*) from pg_stat_replication") == "1")
            #expect(kill(frozen, SIGCONT) == 0)
            try await expectEventually("it is heard again") { a.heard == [true, false, true] }

            // Behind the fence nobody's word counts.
            _ = try await a.server.stopAcknowledgements(.fence(replacing: b.peer))
            try await expectEventually("nobody acknowledges") { a.heard.last == false }
            _ = try await a.server.configure(.primary(1, b))
            try await expectEventually("it acknowledges again") { a.heard.last == true }
            await a.server.shutDown(within: .seconds(10))
            try await expectEventually("it is no primary") { a.heard.last == false }
        }
    }

    /// A sitter that was started again and may not ask the store yet knows of no sync's name.
    @Test(.timeLimit(.minutes(3)))
    func `shuts the gate of a server that was adopted, and touches no sync's name`() async throws {
        try await PostgresFixture.with(["a", "b"]) { fixture, nodes in
            let (a, b) = (nodes[0], nodes[1])
            try await fixture.establish(a, b)
            let client = try await fixture.connect(to: a)
            let next = try PostgresFixture.Node(peer: a.peer, settings: a.settings)
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { await next.server.run() }
                group.addTask { await next.record() }
                defer { group.cancelAll() }
                _ = try await next.server.inventory()
                try await expectEventually("the sync is heard") { next.heard == [true] }
                try await next.server.order(.shut)
                await #expect(throws: PostgresError.self) { try await client.query("select 1") }
                await #expect(throws: PostgresError.self) { try await fixture.connect(to: a) }
                #expect(
                    try await a.value("show synchronous_standby_names") == "\"\(b.peer.id)\""
                )
                try await next.server.order(.release)
                _ = try await next.server.configure(.primary(1, b))
                try await expectEventually("writes are open") {
                    next.events == [.writesOpened(Generation(1))]
                }
                _ = try await fixture.connect(to: a).query("insert into t values (1)")
                await next.server.shutDown(within: .seconds(5))
            }
        }
    }

    private static let applications =
        "select count(*) from pg_stat_activity where usename = 'app'"
    private static let sleepers =
        "select count(*) from pg_stat_activity where wait_event = 'PgSleep'"
}

extension PostgresFixture.Node {
    /// The process that receives the upstream's log.
    fileprivate func receiver() async throws -> pid_t {
        let pid = try await value("select pid from pg_stat_wal_receiver")
        return try #require(pid.flatMap { pid_t($0) })
    }
}
