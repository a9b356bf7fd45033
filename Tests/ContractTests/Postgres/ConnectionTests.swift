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
}
