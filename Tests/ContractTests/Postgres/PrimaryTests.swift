import ManateeCore
import ManateePorts
import ManateePostgres
import Testing

@Suite(
    "A primary and its sync",
    .serialized,
    .enabled(if: PostgresFixture.available, PostgresFixture.remedy)
)
struct PrimaryTests {
    @Test(.timeLimit(.minutes(1)))
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
            #expect(await a.server.status().gateOpen)
            try await fixture.createApplication(on: a)
            let client = try await fixture.connect(to: a)
            _ = try await client.query("insert into t values ($1)", ["1"])
            #expect(try await b.value("select count(*) from t") == "1")
            #expect(try await b.value("show synchronous_standby_names") == "\"manatee_fence\"")
        }
    }

    @Test(.timeLimit(.minutes(1)))
    func `is promoted without a restart onto a new timeline`() async throws {
        try await PostgresFixture.with(["a", "b", "c"]) { fixture, nodes in
            let (a, b, c) = (nodes[0], nodes[1], nodes[2])
            _ = try await a.server.configure(.primary(1, b))
            _ = try await b.server.configure(.standby(of: a, successor: c))
            _ = try await c.server.configure(.standby(of: b, source: a))
            try await expectEventually("writes are open") { !a.events.isEmpty }
            try await fixture.createApplication(on: a)
            let pid = b.pid

            let sample = try await b.server.stopAcknowledgements(.detachFromUpstream)
            #expect(sample.end.timeline == TimelineID(1))
            #expect(try await b.value("select count(*) from pg_stat_wal_receiver") == "0")

            let begin = ContinuousClock.now
            _ = try await b.server.configure(.primary(2, c))
            let client = try await fixture.connect(to: b)
            _ = try await client.query("insert into t values (2)")
            print("from the order to promote to the first write: \(ContinuousClock.now - begin)")
            #expect(b.pid == pid)
            #expect(
                try await b.value("select substr(pg_walfile_name(pg_current_wal_lsn()), 1, 8)")
                    == "00000002"
            )
            try await expectEventually("writes are open") {
                b.events == [.writesOpened(Generation(2))]
            }
            #expect(try await c.value("select count(*) from t") == "1")
        }
    }
}
