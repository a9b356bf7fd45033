import ManateeCore
import ManateePorts
import ManateePostgres
import Testing

@Suite(
    "The parameters that all peers are told",
    .serialized,
    .enabled(if: PostgresFixture.available, PostgresFixture.remedy)
)
struct SharedParameterTests {
    @Test(.timeLimit(.minutes(3)))
    func `are left out when postgres does not start with them, until others come`() async throws {
        try await PostgresFixture.with(["a", "b"]) { fixture, nodes in
            let (a, b) = (nodes[0], nodes[1])
            try await fixture.establish(a, b)
            // Reading the file finds nothing wrong with it: only the start needs so much memory.
            try await a.server.adopt(["shared_buffers": "4TB", "work_mem": "7MB"])
            #expect(try await a.value("show work_mem") == "7MB")
            #expect(await a.server.status().refusedParameters == nil)

            await a.server.shutDown(within: .seconds(10))
            _ = try await a.server.configure(.primary(1, b))
            #expect(try await a.value("show shared_buffers") == "16MB")
            #expect(try await a.value("show work_mem") == "4MB")
            let why = try #require(await a.server.status().refusedParameters)
            #expect(why.hasPrefix("postgres does not start with the shard's parameters"))
            let client = try await admitted(by: a, fixture)
            _ = try await client.query("insert into t values (1)")

            try await a.server.adopt(["work_mem": "8MB"])
            #expect(await a.server.status().refusedParameters == nil)
            try await expectEventually("the new ones are in force") {
                try await a.value("show work_mem") == "8MB"
            }
        }
    }

    @Test(.timeLimit(.minutes(3)))
    func `are raised on a standby to what its primary's log asks for`() async throws {
        try await PostgresFixture.with(["a", "b"]) { fixture, nodes in
            let (a, b) = (nodes[0], nodes[1])
            try await fixture.establish(a, b)
            for node in [a, b] {
                try await node.server.adopt([
                    "max_connections": "50", "max_worker_processes": "4",
                    "max_locks_per_transaction": "40",
                ])
            }
            await b.server.shutDown(within: .seconds(10))
            _ = try await b.server.configure(.standby(of: a))
            #expect(try await b.value("show max_connections") == "100")
            #expect(try await b.value("show max_worker_processes") == "8")
            #expect(try await b.value("show max_locks_per_transaction") == "64")
            #expect(await b.server.status().refusedParameters == nil)
            let client = try await admitted(by: a, fixture)
            _ = try await client.query("insert into t values (1)")
            try await expectEventually("the standby replays") {
                try await b.value("select count(*) from t") == "1"
            }

            // Once the primary runs with less, and its log says so, the standby may, too.
            await a.server.shutDown(within: .seconds(10))
            _ = try await a.server.configure(.primary(1, b))
            #expect(try await a.value("show max_connections") == "50")
            let again = try await admitted(by: a, fixture)
            _ = try await again.query("insert into t values (2)")
            try await expectEventually("the standby replays again") {
                try await b.value("select count(*) from t") == "2"
            }
            await b.server.shutDown(within: .seconds(10))
            _ = try await b.server.configure(.standby(of: a))
            #expect(try await b.value("show max_connections") == "50")
        }
    }

    /// A client of `primary`, as soon as its sync has everything and clients are admitted.
    private func admitted(
        by primary: PostgresFixture.Node,
        _ fixture: PostgresFixture
    ) async throws -> PostgresConnection {
        try await expectEventually("clients are admitted") {
            try await fixture.connect(to: primary).close()
            return true
        }
        return try await fixture.connect(to: primary)
    }
}
