import Foundation
import FoundationNetworking
import ManateeCore
import ManateeLocal
import Testing

/// The store's sessions last longer than any of these tests waits: what is seen of the failure is seen by
/// the peers themselves.
@Suite("The record of a failover", .serialized, .timeLimit(.minutes(5)))
struct FailoverPhasesTests {
    @Test func `tells the pause in writes when postgres was killed`() async throws {
        try await loses("it said that its postgres does not serve") { shard, primary in
            await shard.killPostgres(primary)
        }
    }

    @Test func `tells the pause in writes when postgres and sitter were killed`() async throws {
        try await loses("its ports refuse") { shard, primary in await shard.kill(primary) }
    }

    /// Loses the primary while one client writes, and compares what the client missed with what is told.
    private func loses(
        _ cause: String,
        _ fault: @escaping @Sendable (DevShard, Int) async -> Void
    ) async throws {
        try await RunningShard.with(sessionTimeout: .seconds(40)) { running in
            let (shard, writer) = (running.shard, RetryingWriter(running.shard.observer))
            let (old, new) = (try await running.primary(), try await running.sync())
            try await ready(running)
            let before = try Histogram(of: try await get("/metrics", from: new, of: running))
            try await writer.whileWriting {
                await fault(shard, old)
                try await shard.waitUntil("the next generation", within: .seconds(20)) {
                    $0.state?.generation == Generation(2)
                }
                try await writer.acknowledged()
            }
            let pause = try #require(writer.longestPause)

            let told = try #require(try await record(of: new, running))
            print("told \(told.whole) of \(pause): \(told.whole / pause.gap); \(told)")
            // Beyond the tenth: the client sees the beginning of a pause by its next write, and its end when
            // it asks again.
            #expect(told.whole <= pause.gap * 1.1)
            #expect(told.whole >= pause.gap * 0.9 - pause.ownPart)
            #expect(told.causes.contains(cause))
            #expect(told.phases.contains("promote"))

            let shown = try await running.run("manatee-adm", "history", "-v", "-o", "json")
            #expect(shown.status == 0, "\(shown.output)")
            let lines = shown.output.split(separator: "\n").filter { $0.hasPrefix("{") }
            let changes = try lines.compactMap { line in
                let object = try JSONSerialization.jsonObject(with: Data(line.utf8))
                return try (object as? [String: Any])?["roleChange"].map { try Told($0) }
            }
            #expect(changes.last == told)

            let after = try Histogram(of: try await get("/metrics", from: new, of: running))
            #expect(after.count == before.count + 1)
            #expect(abs(after.sum - before.sum - told.whole / .seconds(1)) < 0.001)

            await shard.killSitter(new)
            try await shard.start(new)
            try await Waiting.until("the record after a restart", within: .seconds(30)) {
                do {
                    let again = try await record(of: new, running)
                    return again == told ? .there(()) : .notYet("\(String(describing: again))")
                } catch let error as URLError {
                    return .notYet("\(error)")
                }
            }
        }
    }

    /// Waits until each peer says that it could do its part.
    private func ready(_ running: RunningShard) async throws {
        try await Waiting.until("all peers ready", within: .seconds(30)) {
            var unready: [Int] = []
            for peer in 1...3 {
                let status = try await answer("/readiness", from: peer, of: running).status
                if status != 200 { unready.append(peer) }
            }
            return unready.isEmpty ? .there(()) : .notYet("not \(unready)")
        }
    }

    // MARK: Asking

    /// What a record says, wherever it was read.
    private struct Told: Equatable {
        let whole: Duration
        let phases: [String]
        let milliseconds: [Double]
        let causes: [String]

        init(_ value: Any) throws {
            let record = try #require(value as? [String: Any])
            let segments = try #require(record["phases"] as? [[String: Any]])
            milliseconds = segments.compactMap { $0["milliseconds"] as? Double }
            whole = .microseconds(Int64((milliseconds.reduce(0, +) * 1000).rounded()))
            phases = segments.compactMap { $0["phase"] as? String }
            let signs = try #require(record["signs"] as? [[String: Any]])
            causes = signs.compactMap { $0["cause"] as? String }
        }
    }

    /// The count and the sum, in seconds, of the durations of all failovers.
    private struct Histogram {
        let count: Double
        let sum: Double

        init(of metrics: String) throws {
            func value(_ name: String) throws -> Double {
                let line = metrics.split(separator: "\n").first { $0.hasPrefix(name + "{") }
                return try #require(line?.split(separator: " ").last.flatMap { Double($0) })
            }
            count = try value("manatee_failover_seconds_count")
            sum = try value("manatee_failover_seconds_sum")
        }
    }

    /// The record of the takeover by `peer`, as its sitter tells it; nil if it does not.
    private func record(of peer: Int, _ running: RunningShard) async throws -> Told? {
        let text = try await get("/history?format=manatee", from: peer, of: running)
        let object = try JSONSerialization.jsonObject(with: Data(text.utf8))
        let records = try #require((object as? [String: Any])?["roleChanges"] as? [[String: Any]])
        return try records.last { $0["kind"] as? String == "takeover" }.map { try Told($0) }
    }

    private func get(
        _ path: String,
        from peer: Int,
        of running: RunningShard
    ) async throws -> String {
        try await answer(path, from: peer, of: running).body
    }

    private func answer(
        _ path: String,
        from peer: Int,
        of running: RunningShard
    ) async throws -> (status: Int, body: String) {
        let port = running.shard.settings.ports.peers[peer - 1].status
        let url = try #require(URL(string: "http://127.0.0.1:\(port)\(path)"))
        let (data, response) = try await URLSession.shared.data(from: url)
        let status = (response as? HTTPURLResponse)?.statusCode ?? 0
        return (status, String(decoding: data, as: UTF8.self))
    }
}
