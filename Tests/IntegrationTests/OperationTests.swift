import Foundation
import FoundationNetworking
import ManateeCore
import ManateeLocal
import Testing

@Suite("Operations over HTTP on a real shard", .serialized, .timeLimit(.minutes(3)))
struct OperationTests {
    /// The operations of one sitter, for who has the token.
    private struct Desk {
        let base: String
        let token: String

        init(_ peer: Int, of running: RunningShard) throws {
            base = "http://127.0.0.1:\(running.shard.settings.ports.peers[peer - 1].status)"
            token = try String(
                contentsOfFile: running.directory.operatorTokenFile,
                encoding: .utf8
            ).trimmingCharacters(in: .whitespacesAndNewlines)
        }

        func ask(
            _ method: String,
            _ path: String,
            body: String? = nil
        ) async throws -> (status: Int, body: [String: Any]) {
            var request = URLRequest(url: try #require(URL(string: base + path)))
            request.httpMethod = method
            request.httpBody = body.map { Data($0.utf8) }
            request.setValue("Bearer \(token)", forHTTPHeaderField: "Authorization")
            let (data, response) = try await URLSession.shared.data(for: request)
            let object = try JSONSerialization.jsonObject(with: data) as? [String: Any]
            return ((response as? HTTPURLResponse)?.statusCode ?? 0, object ?? [:])
        }

        /// Asks for an operation, and follows it to its end.
        func carryOut(
            _ path: String,
            body: String? = nil
        ) async throws -> (
            state: String, text: String, seen: Set<String>
        ) {
            let begun = try await ask("POST", path, body: body)
            #expect(begun.status == 202, "\(begun.body)")
            let number = try #require(begun.body["id"] as? Int)
            var seen: Set<String> = []
            return try await Waiting.until("the end of \(path)", within: .seconds(90)) {
                let now = try await ask("GET", "/operations/\(number)").body
                let (state, text) = (now["state"] as? String ?? "", now["text"] as? String ?? "")
                if state == "running" { seen.insert(text) }
                return state == "running" ? .notYet(text) : .there((state, text, seen))
            }
        }
    }

    @Test func `restore an async, which has other data then and streams`() async throws {
        try await RunningShard.with { running in
            let state = try #require(try await running.shard.status().state)
            let (primary, sync) = (try await running.primary(), try await running.sync())
            let async = try #require(state.async.first)
            let peer = try #require(running.shard.observer.number(of: async.id))
            for other in [primary, sync] {
                let refused = try await Desk(other, of: running).ask("POST", "/restore")
                #expect(refused.status == 412, "\(refused.body)")
            }
            let data = running.shard.settings.dataDirectory(peer, in: running.directory)
            let mark = data + "/mark-of-the-old-copy"
            try Data().write(to: URL(filePath: mark))
            try await running.underLoad {
                let desk = try Desk(peer, of: running)
                let end = try await desk.carryOut("/restore")
                #expect(end.state == "succeeded", "\(end.text)")
                #expect(end.text == "the data was made anew, and \(async.zoneID) streams")
                #expect(!end.seen.isEmpty)
                let copy = try await desk.ask("GET", "/restore").body["restore"] as? [String: Any]
                #expect(copy?["done"] as? Bool == true, "\(String(describing: copy))")
            }
            #expect(!FileManager.default.fileExists(atPath: mark))
            let whole = try await running.shard.waitUntilHealthy(within: .seconds(30))
            #expect(whole.streams(async.id))
            try await running.expectNothingLost()
        }
    }

    @Test func `rebuild a deposed peer that waits for an operator, or forget it`() async throws {
        try await RunningShard.with(sitterLines: { _ in ["rejoin: manual"] }) { running in
            let victim = try await running.primary()
            let id = running.shard.observer.id(of: victim)
            await running.shard.kill(victim)
            try await running.shard.waitUntil("a takeover", within: .seconds(60)) { status in
                status.state?.generation == Generation(2) && status.isWritable
            }
            try await running.shard.start(victim)
            let own = try Desk(victim, of: running)
            try await Waiting.until("the deposed peer's server", within: .seconds(30)) {
                // It refuses connections until it has started.
                let role = try? await own.ask("GET", "/state").body["role"] as? String
                return role == "deposed" ? .there(()) : .notYet(role ?? "nothing")
            }
            let restored = try await own.carryOut("/restore")
            #expect(restored.state == "succeeded", "\(restored.text)")
            #expect(try await running.shard.waitUntilHealthy(within: .seconds(30)).streams(id))

            let next = try await running.primary()
            let nextID = running.shard.observer.id(of: next)
            await running.shard.kill(next)
            try await running.shard.waitUntil("a second takeover", within: .seconds(60)) {
                $0.state?.generation == Generation(3) && $0.isWritable
            }
            let desk = try Desk(try await running.primary(), of: running)
            let unknown = try await desk.ask("POST", "/reap", body: #"{"peer":"nobody"}"#)
            #expect(unknown.status == 412, "\(unknown.body)")
            let reaped = try await desk.carryOut("/reap", body: #"{"peer":"\#(nextID.text)"}"#)
            #expect(reaped.state == "succeeded", "\(reaped.text)")
            #expect(try await running.shard.status().state?.deposed == [])
        }
    }
}
