import Foundation
import ManateeCore
import ManateePorts
import ManateePostgres
import Testing

/// How applications with a list of hosts see the gate, through the real libpq.
@Suite(
    "A closed gate",
    .serialized,
    .enabled(if: PostgresFixture.available, PostgresFixture.remedy)
)
struct GateTests {
    @Test(.timeLimit(.minutes(3)))
    func `is a refusal after which libpq tries no other host, unlike a server that is down`()
        async throws
    {
        try await PostgresFixture.with(["a", "b", "c"]) { fixture, nodes in
            let (a, b, c) = (nodes[0], nodes[1], nodes[2])
            try await fixture.establish(a, b)
            await a.server.shutDown(within: .seconds(10))
            // Its sync is now c, which is not there: the gate stays closed.
            _ = try await a.server.configure(.primary(2, c))
            #expect(await a.server.status().gateOpen == false)

            let gatedFirst = try await fixture.psql([a, b], "any")
            #expect(gatedFirst.port == nil)
            #expect(gatedFirst.errors.contains("pg_hba.conf rejects connection"))
            #expect(try await fixture.psql([b, a], "any").port == "\(b.settings.port)")
            // For writing there is nobody: b is a standby, and a is gated.
            let writing = try await fixture.psql([b, a], "read-write")
            #expect(writing.port == nil)

            await a.server.shutDown(within: .seconds(10))
            #expect(try await fixture.psql([a, b], "any").port == "\(b.settings.port)")
        }
    }

    @Test(.timeLimit(.minutes(3)))
    func `ends no session of Manatee's own roles`() async throws {
        try await PostgresFixture.with(["a", "b"]) { fixture, nodes in
            let (a, b) = (nodes[0], nodes[1])
            _ = try await a.server.configure(.primary(1, b))
            for user in ["manatee_monitor", "manatee_replication"] {
                let session = try await PostgresConnection.open(
                    ConnectionTarget(
                        host: "127.0.0.1",
                        port: a.settings.port,
                        user: user,
                        credential: .passfile(a.settings.passfile)
                    )
                )
                #expect(try await session.query("select current_user") == [[user]])
                await session.close()
            }
            // The superuser is nobody's over the network, whatever the password.
            let passfile = fixture.directory + "/wrong.passfile"
            try "*:*:*:*:whatever-it-may-be\n".write(
                toFile: passfile,
                atomically: true,
                encoding: .utf8
            )
            await #expect(throws: PostgresError.self) {
                try await PostgresConnection.open(
                    ConnectionTarget(
                        host: "127.0.0.1",
                        port: a.settings.port,
                        user: "postgres",
                        credential: .passfile(passfile)
                    )
                )
            }
        }
    }
}

extension PostgresFixture {
    /// Connects as an application with a list of hosts; the port that it came to, or why it did not.
    fileprivate func psql(
        _ nodes: [Node],
        _ attributes: String
    ) async throws -> (port: String?, errors: String) {
        let hosts = nodes.map { _ in "127.0.0.1" }.joined(separator: ",")
        let ports = nodes.map { String($0.settings.port) }.joined(separator: ",")
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/lib/postgresql/15/bin/psql")
        process.arguments = [
            "-X", "-w", "-A", "-t", "-c", "select inet_server_port()", "-d",
            "host=\(hosts) port=\(ports) user=app dbname=postgres connect_timeout=5 "
                + "passfile=\(directory)/app.passfile target_session_attrs=\(attributes)",
        ]
        let (output, errors) = (Pipe(), Pipe())
        process.standardOutput = output
        process.standardError = errors
        try process.run()
        let text = String(
            decoding: output.fileHandleForReading.readDataToEndOfFile(),
            as: UTF8.self
        )
        let said = String(
            decoding: errors.fileHandleForReading.readDataToEndOfFile(),
            as: UTF8.self
        )
        process.waitUntilExit()
        let port = text.trimmingCharacters(in: .whitespacesAndNewlines)
        return (port.isEmpty ? nil : port, said)
    }
}
