import Foundation
import FoundationNetworking
import ManateeCore
import ManateeLocal
import Testing

@Suite("An operator's tools on a real shard", .serialized, .timeLimit(.minutes(5)))
struct OperatorTests {
    @Test func `tell what there is`() async throws {
        try await RunningShard.with { running in
            let state = try #require(try await running.shard.status().state)

            let status = try await running.run("manatee-adm", "pg-status")
            #expect(status.status == 0, "\(status.output)")
            let rows = status.output.split(separator: "\n").map {
                $0.split(separator: " ").map(String.init)
            }
            #expect(rows.map(\.first) == ["ROLE", "primary", "sync", "async"])
            #expect(rows.dropFirst().map { $0[2] } == ["ok", "ok", "ok"])
            #expect(rows.dropFirst().map { $0[3] } == ["sync", "async", "-"])

            let verify = try await running.run("manatee-adm", "verify", "-v")
            #expect(verify.output == "all checks passed\n")
            #expect(verify.status == 0)

            let show = try await running.run("manatee-adm", "show")
            #expect(show.output.contains("generation:"))
            #expect(show.output.contains("normal"))

            let peers = try await running.run("manatee-adm", "peers", "-H", "-o", "role,ip")
            #expect(peers.output.split(separator: "\n").count == 3)

            let history = try await running.run("manatee-adm", "history")
            #expect(history.status == 0, "\(history.output)")

            let raw = try await running.run("manatee-adm", "zk-state")
            let object = try JSONSerialization.jsonObject(with: Data(raw.output.utf8))
            let fields = try #require(object as? [String: Any])
            #expect(fields["generation"] as? Int == state.generation.number)
            #expect(
                Set(fields.keys) == [
                    "generation", "primary", "sync", "async", "deposed", "initWal", "initTimeline",
                    "timeline", "reigns",
                ]
            )

            let active = try await running.run("manatee-adm", "zk-active")
            let nodes = try JSONSerialization.jsonObject(with: Data(active.output.utf8))
            #expect((nodes as? [String: Any])?.count == 3)

            let version = try await running.run("manatee-adm", "version")
            #expect(version.status == 0)
        }
    }

    @Test func `see what is wrong`() async throws {
        try await RunningShard.with { running in
            // Else the primary replaces it sooner than anybody can look.
            let freeze = try await running.run("manatee-adm", "freeze", "-r", "a look")
            #expect(freeze.status == 0)
            await running.shard.kill(try await running.sync())
            let verify = try await running.run("manatee-adm", "verify")
            #expect(verify.status == 1)
            #expect(verify.output.contains("cannot query postgres on sync"))
        }
    }

    @Test func `read a peer's own status`() async throws {
        try await RunningShard.with { running in
            let primary = try await running.primary()
            let port = running.shard.settings.ports.peers[primary - 1].status
            func get(_ path: String) async throws -> (Int, [String: Any]) {
                let url = try #require(URL(string: "http://127.0.0.1:\(port)\(path)"))
                let (data, response) = try await URLSession.shared.data(from: url)
                let object = try JSONSerialization.jsonObject(with: data) as? [String: Any]
                return ((response as? HTTPURLResponse)?.statusCode ?? 0, object ?? [:])
            }
            let (ping, health) = try await get("/ping")
            #expect(ping == 200)
            #expect(health["healthy"] as? Bool == true)
            let (_, state) = try await get("/state")
            #expect(state["role"] as? String == "primary")
            #expect((state["zkpeers"] as? [Any])?.count == 3)
        }
    }
}
