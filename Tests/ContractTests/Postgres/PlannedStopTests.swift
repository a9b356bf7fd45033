import Foundation
import Glibc
import ManateeCore
import ManateePorts
import ManateePostgres
import Testing

@Suite(
    "A primary that stops for its sync",
    .serialized,
    .enabled(if: PostgresFixture.available, PostgresFixture.remedy)
)
struct PlannedStopTests {
    private func identity(_ node: PostgresFixture.Node) throws -> Int {
        let facts = try FileManager.default.attributesOfItem(atPath: node.settings.dataDirectory)
        return try #require(facts[.systemFileNumber] as? Int)
    }

    @Test(.timeLimit(.minutes(3)))
    func `tells where its log ends, which is what the sync has, and then follows it`() async throws
    {
        try await PostgresFixture.with(["a", "b"]) { fixture, nodes in
            let (a, b) = (nodes[0], nodes[1])
            try await fixture.establish(a, b)
            let directory = try identity(a)
            let client = try await fixture.connect(to: a)
            _ = try await client.query("insert into t select generate_series(1, 1000)")
            try await a.server.prepareHandover(to: b.peer)
            let stopped = try await a.server.stopAcknowledgements(.shutDown)
            #expect(await a.server.status().running == false)
            #expect(!a.lost, "it was asked to")
            let copy = try await b.server.stopAcknowledgements(.detachFromUpstream)
            #expect(copy.end == stopped.end)
            _ = try await b.server.configure(.primary(2, a))
            _ = try await a.server.configure(.standby(of: b, mustStream: true))
            #expect(try identity(a) == directory, "nothing was copied")
            try await expectEventually("writes are open") {
                b.events.contains(.writesOpened(Generation(2)))
            }
            let again = try await fixture.connect(to: b)
            _ = try await again.query("insert into t values (1001)")
            #expect(try await b.value("select count(*) from t") == "1001")
        }
    }

    /// The last record may cross a page, or begin a file: the end is right all the same.
    @Test(.timeLimit(.minutes(3)))
    func `is right about the end wherever the log stands, and goes on as primary when told so`()
        async throws
    {
        try await PostgresFixture.with(["a", "b"]) { fixture, nodes in
            let (a, b) = (nodes[0], nodes[1])
            try await fixture.establish(a, b)
            for round in 1...5 {
                let client = try await fixture.connect(to: a)
                _ = try await client.query(
                    "insert into t select generate_series(1, \(round * round * 37))"
                )
                await client.close()
                if round == 4 { _ = try await a.ask("select pg_switch_wal()") }
                if round == 5 { try await fillPage(a) }
                let stopped = try await a.server.stopAcknowledgements(.shutDown)
                let copy = try await b.server.stopAcknowledgements(.detachFromUpstream)
                #expect(copy.end == stopped.end, "round \(round)")
                let seen = a.events.count
                _ = try await a.server.configure(.primary(1, b))
                _ = try await b.server.configure(.standby(of: a))
                try await expectEventually("writes are open again") {
                    a.events.dropFirst(seen).contains(.writesOpened(Generation(1)))
                }
            }
        }
    }

    /// Writes until less than the checkpoint's record is left of a page.
    private func fillPage(_ node: PostgresFixture.Node) async throws {
        try await expectEventually("a page is nearly full") {
            _ = try await node.ask("select pg_logical_emit_message(false, 'm', repeat('x', 8))")
            let place = try await node.value(
                "select (pg_current_wal_insert_lsn() - '0/0'::pg_lsn) % 8192"
            )
            return place.flatMap { Int($0) }.map { $0 > 8192 - 260 && $0 < 8192 - 130 } ?? false
        }
    }

    @Test(.timeLimit(.minutes(3)))
    func `is not prepared without a sync that streams`() async throws {
        try await PostgresFixture.with(["a", "b"]) { fixture, nodes in
            let (a, b) = (nodes[0], nodes[1])
            try await fixture.establish(a, b)
            try await a.server.prepareHandover(to: b.peer)
            await #expect(throws: PostgresFailure.self) {
                try await a.server.prepareHandover(to: a.peer)
            }
            await b.server.shutDown(within: .seconds(5))
            try await expectEventually("the sync is gone") {
                try await a.value("select count(*) from pg_stat_replication") == "0"
            }
            await #expect(throws: PostgresFailure.self) {
                try await a.server.prepareHandover(to: b.peer)
            }
        }
    }

    @Test(.timeLimit(.minutes(3)))
    func `says so if its sync does not take the rest of the log, and goes on`() async throws {
        try await PostgresFixture.with(["a", "b"]) { fixture, nodes in
            let (a, b) = (nodes[0], nodes[1])
            try await fixture.establish(a, b)
            let receiver = try await b.value("select pid from pg_stat_wal_receiver")
            let pid = try #require(receiver.flatMap { pid_t($0) })
            kill(pid, SIGSTOP)
            defer { kill(pid, SIGCONT) }
            await #expect(throws: PostgresFailure.self) {
                _ = try await a.server.stopAcknowledgements(.shutDown)
            }
            let seen = a.events.count
            _ = try await a.server.configure(.primary(1, b))
            #expect(await a.server.status().gateOpen == false)
            kill(pid, SIGCONT)
            try await expectEventually("writes are open again") {
                a.events.dropFirst(seen).contains(.writesOpened(Generation(1)))
            }
        }
    }
}
