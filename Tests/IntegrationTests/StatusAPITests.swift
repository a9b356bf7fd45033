import Foundation
import FoundationNetworking
import ManateeCore
import ManateeLocal
import Testing

@Suite("The sitter's HTTP server on a real shard", .serialized, .timeLimit(.minutes(5)))
struct StatusAPITests {
    private func get(
        _ path: String,
        from peer: Int,
        of running: RunningShard,
        accept: String = "*/*"
    ) async throws -> (status: Int, body: Data) {
        let port = running.shard.settings.ports.peers[peer - 1].status
        var request = URLRequest(url: try #require(URL(string: "http://127.0.0.1:\(port)\(path)")))
        request.setValue(accept, forHTTPHeaderField: "Accept")
        let (data, response) = try await URLSession.shared.data(for: request)
        return ((response as? HTTPURLResponse)?.statusCode ?? 0, data)
    }

    private func object(
        _ path: String,
        from peer: Int,
        of running: RunningShard
    ) async throws
        -> [String: Any]
    {
        let body = try await get(path, from: peer, of: running).body
        return try #require(try JSONSerialization.jsonObject(with: body) as? [String: Any])
    }

    /// How many peers answer 200 to `path`.
    private func up(_ path: String, of running: RunningShard) async throws -> Int {
        var count = 0
        for peer in 1...3 where try await get(path, from: peer, of: running).status == 200 {
            count += 1
        }
        return count
    }

    @Test func `tells a failover from its first sign until clients are admitted`() async throws {
        try await RunningShard.with { running in
            let shard = running.shard
            let first = try await running.primary()
            for (path, count) in [
                ("/primary", 1), ("/replica", 2), ("/sync", 1), ("/async", 1), ("/read-only", 3),
                ("/health", 3), ("/liveness", 3), ("/readiness", 3), ("/replica?lag=1GB", 2),
                ("/standby-leader", 0), ("/quorum", 0),
            ] {
                try await Waiting.until("\(path) up at \(count) peers", within: .seconds(20)) {
                    let seen = try await up(path, of: running)
                    return seen == count ? .there(()) : .notYet("\(seen)")
                }
            }
            // The chain's own words and the survey's must come together.
            try await Waiting.until("all members with their lag", within: .seconds(20)) {
                let cluster = try await object("/cluster", from: first, of: running)
                let members = try #require(cluster["members"] as? [[String: Any]])
                let lags = members.compactMap { $0["lag"] as? Int }
                return members.count == 3 && lags.count == 2 ? .there(()) : .notYet("\(members)")
            }

            await shard.kill(first)
            try await shard.waitUntil("the sync as primary", within: .seconds(30)) {
                $0.state?.generation == Generation(2) && $0.isWritable
            }
            let second = try await running.primary()
            let history = try await object("/history?format=manatee", from: second, of: running)
            let records = try #require(history["roleChanges"] as? [[String: Any]])
            let record = try #require(records.last { $0["kind"] as? String == "takeover" })
            let phases = try #require(record["phases"] as? [[String: Any]])
            let whole = try #require(record["milliseconds"] as? Double)
            let sum = phases.compactMap { $0["milliseconds"] as? Double }.reduce(0, +)
            #expect(abs(sum - whole) < 0.1)
            #expect(phases.contains { $0["phase"] as? String == "promote" })
            #expect(phases.contains { $0["phase"] as? String == "fence" })
            #expect(record["generation"] as? Int == 2)

            let metrics = String(
                decoding: try await get("/metrics", from: second, of: running).body,
                as: UTF8.self
            )
            #expect(metrics.contains(",reason=\"taking_over\"} 1\n"))
            #expect(metrics.contains("manatee_writes_open"))
            let page = String(
                decoding: try await get("/", from: second, of: running, accept: "text/html").body,
                as: UTF8.self
            )
            #expect(page.contains("<h2 id=\"failover\">"))
            #expect(page.contains("(takeover, "))
            try await Waiting.until("Patroni's row of the old timeline", within: .seconds(20)) {
                let body = try await get("/history", from: second, of: running).body
                let rows = try JSONSerialization.jsonObject(with: body) as? [[Any]] ?? []
                return rows.count == 1 && rows[0][0] as? Int == 1 ? .there(()) : .notYet("\(rows)")
            }
            print("takeover: \(whole) ms, \(phases)")
        }
    }

    @Test func `explains the shard as the tool does`() async throws {
        try await RunningShard.with { running in
            let primary = try await running.primary()
            try await agree(on: "flowing; ", from: primary, of: running)
            // Else the primary replaces it sooner than anybody can look.
            let freeze = try await running.run("manatee-adm", "freeze", "-r", "a look")
            #expect(freeze.status == 0)
            await running.shard.kill(try await running.sync())
            try await agree(
                on: "waiting: every commit needs the sync, ",
                from: primary,
                of: running
            )
        }
    }

    /// Waits until the sitter and the tool say the same, and say of writes what begins like this.
    private func agree(
        on writes: String,
        from peer: Int,
        of running: RunningShard
    ) async throws {
        try await Waiting.until("both to say \(writes)", within: .seconds(60)) {
            var sitter = try await object("/explain?format=json", from: peer, of: running)
            #expect(sitter.removeValue(forKey: "self") != nil)
            let output = try await running.run("manatee-adm", "explain", "-o", "json").output
            let parsed = try JSONSerialization.jsonObject(with: Data(output.utf8))
            let tool = try #require(parsed as? [String: Any])
            let summary = try #require(tool["summary"] as? [String: Any])
            let said = summary["writes"] as? String ?? ""
            let (told, seen) = (try text(tool), try text(sitter))
            return said.hasPrefix(writes) && told == seen
                ? .there(()) : .notYet("the tool: \(told); the sitter: \(seen)")
        }
    }

    private func text(_ object: [String: Any]) throws -> String {
        let data = try JSONSerialization.data(withJSONObject: object, options: [.sortedKeys])
        return String(decoding: data, as: UTF8.self)
    }
}
