import Foundation
import HTTPTypes
import HummingbirdTesting
import ManateeCore
import ManateePorts
import NIOCore
import Testing

@testable import ManateeHTTP

@Suite("The OpenAPI document")
struct OpenAPITests {
    /// For each path and method the statuses that the document has.
    private func documented() async throws -> [String: Set<Int>] {
        let document = try await Asking().object("/openapi.json")
        #expect(document["openapi"] as? String == "3.0.3")
        let paths = try #require(document["paths"] as? [String: [String: [String: Any]]])
        var documented: [String: Set<Int>] = [:]
        for (path, item) in paths {
            for (method, operation) in item {
                let responses = try #require(operation["responses"] as? [String: Any])
                documented["\(method.uppercased()) \(path)"] = Set(
                    responses.keys.compactMap { Int($0) }
                )
            }
        }
        return documented
    }

    private struct Case {
        var asking: Asking
        var query = ""
        var headers: HTTPFields = [:]
        var body: String?
    }

    /// What is asked of every path: from well and unwell peers, with and without sense.
    private func cases(_ path: String, _ method: String) -> [Case] {
        var cases = [
            ScriptedStatus.working, .standby(.sync), .standby(.async), .standby(.deposed),
            ScriptedStatus(),
        ].map { Case(asking: Asking(status: $0)) }
        cases.append(Case(asking: Asking(), query: "?lag=ten&format=ten"))
        cases.append(Case(asking: Asking(), headers: [.lastEventID: "ten"]))
        let token = ScriptedSurroundings.token
        for refusal in [nil, OrderRefusal.notNow("no"), .busy("no")] {
            var surroundings = ScriptedSurroundings()
            surroundings.operations = ScriptedOperations(refusal: refusal)
            surroundings.token = OperatorToken(token)
            let asking = Asking(surroundings: surroundings)
            cases.append(Case(asking: asking))
            for body in ["{}", "{\"reason\":\"x\"}", "{\"peer\":\"x\"}", "[", "[]", "{\"x\":1}"] {
                cases.append(
                    Case(asking: asking, headers: [.authorization: "Bearer \(token)"], body: body)
                )
            }
        }
        let long = String(repeating: " ", count: 20_000)
        return cases + [Case(asking: Asking(), body: long)]
    }

    @Test func `has every status that a path answers, and no other`() async throws {
        // They need a socket, or a crowd.
        let unseen: [String: Set<Int>] = ["POST": [408], "GET /events": [503]]
        for (name, statuses) in try await documented() {
            let parts = name.split(separator: " ").map(String.init)
            let (method, path) = (parts[0], parts[1])
            var seen: Set<Int> = []
            for one in cases(path, method) {
                if path == "/operations/{number}" {
                    _ = await one.asking.surroundings.operations.begin(.unfreeze)
                }
                // A stream ends by itself only if nothing follows.
                var asking = one.asking
                asking.status.news = AsyncStream { $0.finish() }
                let response = try await asking.ask(
                    path.replacing("{number}", with: one.query.isEmpty ? "1" : "2") + one.query,
                    try #require(HTTPRequest.Method(method)),
                    headers: one.headers,
                    body: one.body.map { ByteBuffer(string: $0) }
                )
                seen.insert(response.status.code)
            }
            // 413 comes before anything else, whatever is asked.
            let common = method == "POST" ? [] : [413]
            let missing = (unseen[method] ?? []).union(unseen[name] ?? [])
            #expect(seen.subtracting(common) == statuses.subtracting(missing), "\(name)")
        }
    }

    @Test func `has every route, and no other`() async throws {
        let documented = Set(try await documented().keys)
        let routes = Route.all.flatMap { route in
            route.paths.flatMap { path in route.methods.map { "\($0.rawValue) \(path)" } }
        }
        #expect(documented == Set(routes))
        for name in documented {
            let path = name.split(separator: " ")[1].replacing("{number}", with: "1")
            #expect(!Route.find(String(path)).routes.isEmpty, "\(path)")
        }
        for path in ["/", "/ping", "/state", "/restore", "/primary", "/switchover", "/metrics"] {
            #expect(documented.contains { $0.hasSuffix(" \(path)") }, "\(path)")
        }
    }

    @Test func `is described in the documentation`() throws {
        let root = URL(filePath: #filePath).deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent()
        let page = try String(
            contentsOf: root.appending(path: "docs/operating/http.md"),
            encoding: .utf8
        )
        for path in Route.all.flatMap(\.paths) where path != "/operations/{number}" {
            #expect(page.contains("\(path)`") || page.contains("\(path)?"), "\(path)")
        }
    }
}
