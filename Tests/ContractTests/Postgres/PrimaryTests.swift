import Foundation
import Glibc
import ManateeCore
import ManateePorts
import ManateePostgres
import Synchronization
import Testing

@Suite(
    "A primary and its sync",
    .serialized,
    .enabled(if: PostgresFixture.available, PostgresFixture.remedy)
)
struct PrimaryTests {
    @Test(.timeLimit(.minutes(3)))
    func `is created, waits gated for its sync, and opens when the sync has everything`()
        async throws
    {
        try await PostgresFixture.with(["a", "b"]) { fixture, nodes in
            let (a, b) = (nodes[0], nodes[1])
            #expect(try await a.server.inventory() == .empty)
            let system = try await a.server.configure(.primary(1, b))
            #expect(try await a.server.inventory() == .database(try #require(system)))
            #expect(await a.server.status().gateOpen == false)
            await #expect(throws: PostgresError.self) { try await fixture.connect(to: a) }
            #expect(a.events == [])

            #expect(try await b.server.configure(.standby(of: a)) == system)
            try await expectEventually("writes are open") {
                a.events == [.writesOpened(Generation(1))]
            }
            #expect(a.attachments == [Generation(1)])
            #expect(await a.server.status().gateOpen)
            try await fixture.createApplication(on: a)
            let client = try await fixture.connect(to: a)
            _ = try await client.query("insert into t values ($1)", ["1"])
            try await expectEventually("the sync replayed it") {
                try await b.value("select count(*) from t") == "1"
            }
            #expect(try await b.value("show synchronous_standby_names") == "\"manatee_fence\"")
            try await expectEventually("a health check was made") {
                let status = await a.server.status()
                return status.healthy == true && status.position?.timeline == TimelineID(1)
            }

            // What somebody set by hand does not outlive a repeated configuration.
            _ = try await a.ask("alter system set synchronous_standby_names = ''")
            _ = try await a.server.configure(.primary(1, b))
            #expect(
                try await a.value("show synchronous_standby_names") == "\"\(b.peer.id)\""
            )
        }
    }

    @Test(.timeLimit(.minutes(3)))
    func `acknowledges nothing without its sync, nor behind the fence`() async throws {
        try await PostgresFixture.with(["a", "b"]) { fixture, nodes in
            let (a, b) = (nodes[0], nodes[1])
            try await fixture.establish(a, b)
            let waiting = try await fixture.connect(to: a)
            await b.server.shutDown(within: .seconds(5))
            await #expect(throws: PostgresError.self) {
                try await waiting.query("insert into t values (1)", within: .milliseconds(500))
            }
            _ = try await b.server.configure(.standby(of: a))
            let client = try await fixture.connect(to: a)
            _ = try await client.query("insert into t values (2)")

            let sample = try await a.server.stopAcknowledgements(.fence(replacing: b.peer))
            #expect(try await a.value("select max(sync_priority) from pg_stat_replication") == "0")
            let flushed = try await a.value("select pg_current_wal_flush_lsn()")
            let end = try #require(flushed.flatMap { LSN($0) })
            #expect(sample.end.lsn <= end)
            let fenced = try await fixture.connect(to: a)
            await #expect(throws: PostgresError.self) {
                try await fenced.query("insert into t values (3)", within: .milliseconds(500))
            }
            // The declaration failed: the old generation goes on.
            _ = try await a.server.configure(.primary(1, b))
            _ = try await client.query("insert into t values (4)")
            // Without an acknowledgement a row is in doubt, not gone: 1 and 3 were written here.
            #expect(try await a.value("select count(*) from t") == "4")
        }
    }

    @Test(.timeLimit(.minutes(3)))
    func `that acknowledged alone holds every commit before it samples, then takes its sync`()
        async throws
    {
        try await PostgresFixture.with(["a", "b"]) { fixture, nodes in
            let (a, b) = (nodes[0], nodes[1])
            _ = try await a.server.configure(.primary(1, nil))
            try await expectEventually("writes are open") { !a.events.isEmpty }
            try await fixture.createApplication(on: a)
            #expect(try await a.value("show synchronous_standby_names") == "")
            let acknowledged = Tally()
            let sample = try await withThrowingTaskGroup { group in
                for _ in 0..<4 {
                    let client = try await fixture.connect(to: a)
                    group.addTask {
                        // Ends with the first insert that waits.
                        while (try? await client.query(
                            "insert into t values (1)",
                            within: .milliseconds(500)
                        )) != nil {
                            acknowledged.add()
                        }
                    }
                }
                try await expectEventually("writes were acknowledged by one alone") {
                    acknowledged.count > 100
                }
                let sample = try await a.server.stopAcknowledgements(.fence(replacing: nil))
                let before = acknowledged.count
                try await group.waitForAll()
                // Of each writer one answer may have been on its way.
                #expect(acknowledged.count <= before + 4)
                return sample
            }
            let flushed = try await a.value("select pg_current_wal_flush_lsn()")
            #expect(sample.end.lsn <= (try #require(flushed.flatMap { LSN($0) })))
            let held = "select count(*) from pg_stat_activity where application_name = 'manatee' "
            try await expectEventually("the commit that was looked at is over") {
                try await a.value(held + "and wait_event = 'SyncRep'") == "0"
            }

            // The declaration failed: it goes on alone.
            _ = try await a.server.configure(.primary(1, nil))
            let client = try await fixture.connect(to: a)
            _ = try await client.query("insert into t values (2)")
            // It took effect.
            _ = try await a.server.stopAcknowledgements(.fence(replacing: nil))
            _ = try await a.server.configure(.primary(2, b))
            _ = try await b.server.configure(.standby(of: a))
            try await expectEventually("writes are open again") {
                a.events.last == .writesOpened(Generation(2))
            }
            let next = try await fixture.connect(to: a)
            _ = try await next.query("insert into t values (3)")
            try await expectEventually("the sync replayed it") {
                try await b.value("select count(*) from t where n = 3") == "1"
            }
        }
    }

    @Test(.timeLimit(.minutes(3)))
    func `is promoted without a restart onto a new timeline`() async throws {
        try await PostgresFixture.with(["a", "b", "c"]) { fixture, nodes in
            let (a, b, c) = (nodes[0], nodes[1], nodes[2])
            try await fixture.establish(a, b, c)
            let pid = b.pid

            let sample = try await b.server.stopAcknowledgements(.detachFromUpstream)
            #expect(sample.end.timeline == TimelineID(1))
            #expect(try await b.value("select count(*) from pg_stat_wal_receiver") == "0")
            let client = try await fixture.connect(to: a)
            await #expect(throws: PostgresError.self) {
                try await client.query("insert into t values (1)", within: .milliseconds(300))
            }

            #expect(try await b.value("show synchronous_standby_names") == "\"\(c.peer.id)\"")
            let begin = ContinuousClock.now
            _ = try await b.server.configure(.primary(2, c))
            let successor = try await fixture.connect(to: b)
            _ = try await successor.query("insert into t values (2)")
            print("from the order to promote to the first write: \(ContinuousClock.now - begin)")
            #expect(b.pid == pid)
            #expect(
                try await b.value("select substr(pg_walfile_name(pg_current_wal_lsn()), 1, 8)")
                    == "00000002"
            )
            try await expectEventually("writes are open") {
                b.events == [.writesOpened(Generation(2))]
            }
            try await expectEventually("the chain follows onto the new timeline") {
                try await c.value("select string_agg(n::text, ',') from t") == "2"
            }
            try await expectEventually("the control file tells the new timeline") {
                try await b.value("select timeline_id from pg_control_checkpoint()") == "2"
            }
        }
    }

    @Test(.timeLimit(.minutes(3)))
    func `is promoted onto the timeline that was declared, and the chain follows`() async throws {
        try await PostgresFixture.with(["a", "b", "c"]) { fixture, nodes in
            let (a, b, c) = (nodes[0], nodes[1], nodes[2])
            try await fixture.establish(a, b, c)
            _ = try await b.server.stopAcknowledgements(.detachFromUpstream)
            _ = try await b.server.configure(.primary(2, c, timeline: 5))
            let successor = try await fixture.connect(to: b)
            _ = try await successor.query("insert into t values (2)")
            #expect(
                try await b.value("select substr(pg_walfile_name(pg_current_wal_lsn()), 1, 8)")
                    == "00000005"
            )
            try await expectEventually("the chain follows onto the declared timeline") {
                try await c.value("select string_agg(n::text, ',') from t") == "2"
            }
        }
    }

    @Test(.timeLimit(.minutes(3)))
    func `finishes a promotion that an earlier process did not`() async throws {
        try await PostgresFixture.with(["a", "b", "c"]) { fixture, nodes in
            let (a, b, c) = (nodes[0], nodes[1], nodes[2])
            try await fixture.establish(a, b, c)
            _ = try await b.server.stopAcknowledgements(.detachFromUpstream)
            _ = try await b.server.configure(.stopped)
            let history = b.settings.dataDirectory + "/pg_wal/00000003.history"
            try "1\t0/1000000\thalf done\n".write(
                toFile: history,
                atomically: false,
                encoding: .utf8
            )
            _ = try await b.server.configure(.primary(2, c, timeline: 3))
            #expect(
                try await b.value("select substr(pg_walfile_name(pg_current_wal_lsn()), 1, 8)")
                    == "00000003"
            )
            try await expectEventually("writes are open") {
                b.events == [.writesOpened(Generation(2))]
            }
        }
    }

    @Test(.timeLimit(.minutes(3)))
    func `undoes a detachment when the declaration fails`() async throws {
        try await PostgresFixture.with(["a", "b"]) { fixture, nodes in
            let (a, b) = (nodes[0], nodes[1])
            try await fixture.establish(a, b)
            for _ in 0..<5 {
                _ = try await b.server.stopAcknowledgements(.detachFromUpstream)
                _ = try await b.server.configure(.standby(of: a))
            }
            let client = try await fixture.connect(to: a)
            _ = try await client.query("insert into t values (1)")
        }
    }

    @Test(.timeLimit(.minutes(3)))
    func `restarted in place is gated until its sync is back, and its death is seen at once`()
        async throws
    {
        try await PostgresFixture.with(["a", "b"]) { fixture, nodes in
            let (a, b) = (nodes[0], nodes[1])
            try await fixture.establish(a, b)
            _ = try await b.server.configure(.stopped)
            let waiting = try await fixture.connect(to: a)
            await #expect(throws: PostgresError.self) {
                try await waiting.query("insert into t values (1)", within: .milliseconds(300))
            }
            let begin = ContinuousClock.now
            kill(a.pid, SIGKILL)
            try await expectEventually(within: .seconds(5), "the death was told") { a.lost }
            print("from the kill to the event: \(ContinuousClock.now - begin)")

            _ = try await a.server.configure(.primary(1, b))
            // The row that was never acknowledged is visible now, but to nobody.
            #expect(try await a.value("select count(*) from t") == "1")
            #expect(await a.server.status().gateOpen == false)
            await #expect(throws: PostgresError.self) { try await fixture.connect(to: a) }

            _ = try await b.server.configure(.standby(of: a))
            try await expectEventually("writes are open again") {
                a.events.filter { $0 == .writesOpened(Generation(1)) }.count == 2
            }
            let client = try await fixture.connect(to: a)
            #expect(try await client.query("select count(*) from t") == [["1"]])
        }
    }

    @Test(.timeLimit(.minutes(3)))
    func `closes its gate when a crash of one backend makes postgres restart itself`()
        async throws
    {
        try await PostgresFixture.with(["a", "b"]) { fixture, nodes in
            let (a, b) = (nodes[0], nodes[1])
            try await fixture.establish(a, b)
            let pid = a.pid
            let victim = try await fixture.connect(to: a)
            let backend = try await victim.query("select pg_backend_pid()").first?.first ?? nil
            // The sync stands still, so nothing that waited can be acknowledged any more.
            _ = try await b.server.configure(.stopped)
            try await expectEventually("the sentinel is there") {
                try await a.value(
                    "select count(*) from pg_stat_activity where application_name = 'manatee_sentinel'"
                ) == "1"
            }
            kill(try #require(backend.flatMap { pid_t($0) }), SIGKILL)
            try await expectEventually("the gate closed") {
                await a.server.status().gateOpen == false
            }
            await #expect(throws: PostgresError.self) { try await fixture.connect(to: a) }
            _ = try await b.server.configure(.standby(of: a))
            try await expectEventually("writes are open again") {
                Array(a.events.prefix(3)) == [
                    .writesOpened(Generation(1)), .restarting("one of its processes crashed"),
                    .writesOpened(Generation(1)),
                ]
            }
            #expect(a.pid == pid)
            _ = try await fixture.connect(to: a)
        }
    }

    @Test(.timeLimit(.minutes(3)))
    func `is adopted by the next sitter without an interruption`() async throws {
        try await PostgresFixture.with(["a", "b"]) { fixture, nodes in
            let (a, b) = (nodes[0], nodes[1])
            try await fixture.establish(a, b)
            let client = try await fixture.connect(to: a)
            let pid = a.pid

            let next = try PostgresFixture.Node(peer: a.peer, settings: a.settings)
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { await next.server.run() }
                group.addTask { await next.record() }
                defer { group.cancelAll() }
                guard case .database = try await next.server.inventory() else {
                    Issue.record("the database was not found")
                    return
                }
                #expect(await next.server.status().running)
                _ = try await next.server.configure(.primary(1, b))
                #expect(a.pid == pid)
                #expect(await next.server.status().gateOpen)
                _ = try await client.query("insert into t values (1)")
                try await expectEventually("writes are told to be open") {
                    next.events == [.writesOpened(Generation(1))]
                }
                kill(pid, SIGKILL)
                try await expectEventually(within: .seconds(5), "its death was told") { next.lost }
                _ = try await next.server.configure(.primary(1, b))
                await next.server.shutDown(within: .seconds(5))
            }
        }
    }
}

/// Counts from several tasks.
private final class Tally: Sendable {
    private let number = Mutex(0)

    var count: Int { number.withLock { $0 } }

    func add() { number.withLock { $0 += 1 } }
}
