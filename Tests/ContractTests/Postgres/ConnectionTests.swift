import Foundation
import ManateePostgres
import Testing

@Suite("A session with a server")
struct ConnectionTests {
    @Test(
        "a local socket that nobody serves refuses; nobody waits for the deadline",
        .timeLimit(.minutes(1))
    )
    func refusedLocally() async throws {
        let directory = FileManager.default.temporaryDirectory
            .appending(path: "manatee-\(UInt32.random(in: 0 ... .max))")
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: directory) }
        let target = ConnectionTarget(
            host: directory.path,
            port: 5432,
            user: "nobody",
            credential: .operatingSystem
        )
        let error = await #expect(throws: PostgresError.self) {
            // Longer than the test may take.
            _ = try await PostgresConnection.open(target, within: .seconds(3600))
        }
        guard case .unreachable = error else {
            Issue.record("expected a refusal, got \(String(describing: error))")
            return
        }
    }

    @Test("a message about a statement leaves out the password that it sets")
    func withoutPassword() {
        let error = PostgresError.timedOut(
            server: "db:5432",
            statement: "ALTER ROLE app LOGIN PASSWORD 'SCRAM-SHA-256$4096:secret'",
            after: .seconds(5)
        )
        #expect(
            error.description
                == "db:5432 did not answer `ALTER ROLE app LOGIN PASSWORD '...'` within 5.0 seconds"
        )
    }
}
