import HTTPTypes
import HummingbirdTesting
import ManateeCore
import ManateePorts
import NIOCore
import Testing

@testable import ManateeHTTP

@Suite("Operations over HTTP")
struct OperationTests {
    private static let token = ScriptedSurroundings.token
    private static let proof: HTTPFields = [.authorization: "Bearer \(token)"]

    private func asking(refusal: OrderRefusal? = nil, token: String? = Self.token) -> Asking {
        var surroundings = ScriptedSurroundings()
        surroundings.operations = ScriptedOperations(refusal: refusal)
        surroundings.token = token.flatMap { OperatorToken($0) }
        return Asking(surroundings: surroundings)
    }

    private func post(
        _ path: String,
        _ body: String? = nil,
        to asking: Asking,
        headers: HTTPFields = Self.proof
    ) async throws -> TestResponse {
        try await asking.ask(
            path,
            .post,
            headers: headers,
            body: body.map { ByteBuffer(string: $0) }
        )
    }

    @Test func `are switched off without a token, and say how to switch them on`() async throws {
        let response = try await post("/switchover", to: asking(token: nil))
        #expect(response.status.code == 403)
        #expect(
            (try JSON.object(response)["message"] as? String)?.contains("statusServer.tokenFile")
                == true
        )
    }

    @Test(arguments: [
        nil, "", "Bearer", "Bearer ", "Basic \(token)", "Bearer x\(token)", "Bearer \(token)x",
        "Bearer \(token.dropLast())", "Bearer \(token.uppercased())", "\(token)",
    ])
    func `are refused to everybody else`(authorization: String?) async throws {
        var headers = HTTPFields()
        headers[.authorization] = authorization
        let asking = asking()
        for path in [
            "/switchover", "/freeze", "/unfreeze", "/promote", "/clear-promote", "/reap",
            "/restore",
        ] {
            let response = try await post(path, "{}", to: asking, headers: headers)
            #expect(response.status.code == 401)
            #expect(response.headers[.wwwAuthenticate] == "Bearer realm=\"manatee\"")
        }
        #expect(try await asking.ask("/operations", headers: headers).status.code == 401)
        #expect(try await asking.ask("/operations/1", headers: headers).status.code == 401)
        #expect(await asking.surroundings.operations.orders == [])
    }

    @Test(arguments: [
        ("/switchover", nil, ShardOrder.switchover), ("/switchover", "{}", .switchover),
        ("/unfreeze", nil, .unfreeze), ("/clear-promote", nil, .clearPromote),
        ("/freeze", "{\"reason\":\"disk\"}", .freeze(reason: "disk")),
        ("/promote", "{\"peer\":\"db2\"}", .promote(peer: "db2")),
        ("/reap", "{\"peer\":\"db2\"}", .reap(peer: "db2")), ("/restore", nil, .restore),
    ])
    func `are begun, and followed where Location says`(
        path: String,
        body: String?,
        order: ShardOrder
    ) async throws {
        let asking = asking()
        let response = try await post(path, body, to: asking)
        #expect(response.status.code == 202)
        #expect(await asking.surroundings.operations.orders == [order])
        let location = try #require(response.headers[.location])
        #expect(location == "/operations/1")
        let followed = try await asking.ask(location, headers: Self.proof)
        #expect(followed.status.code == 200)
        let body = try JSON.object(followed)
        #expect(body["operation"] as? String == order.name)
        #expect(body["state"] as? String == "running")
        #expect(body["text"] as? String == "waiting for its turn")
        let list = try JSON.object(try await asking.ask("/operations", headers: Self.proof))
        #expect((list["operations"] as? [Any])?.count == 1)
        #expect(try await asking.ask("/operations/2", headers: Self.proof).status.code == 404)
        #expect(try await asking.ask("/operations/x", headers: Self.proof).status.code == 404)
    }

    @Test(arguments: [
        ("/freeze", nil), ("/freeze", "{}"), ("/freeze", "{\"reason\":\"\"}"),
        ("/freeze", "{\"reason\":7}"), ("/freeze", "{\"reason\":\"x\",\"force\":true}"),
        ("/promote", "{\"peer\":[]}"), ("/reap", nil), ("/reap", "{\"zonename\":\"db2\"}"),
        ("/restore", "{\"peer\":\"db2\"}"), ("/switchover", "{\"leader\":\"db1\"}"),
        ("/switchover", "[]"), ("/switchover", "{"), ("/switchover", "\u{0}"), ("/switchover", "7"),
    ])
    func `are refused with words if they cannot be understood`(
        path: String,
        body: String?
    ) async throws {
        let asking = asking()
        let response = try await post(path, body, to: asking)
        #expect(response.status.code == 400)
        #expect(try JSON.object(response)["code"] as? String == "BadRequestError")
        #expect(await asking.surroundings.operations.orders == [])
    }

    @Test func `tell what speaks against them`() async throws {
        let refused = try await post("/unfreeze", to: asking(refusal: .notNow("it is not frozen")))
        #expect(refused.status.code == 412)
        #expect(try JSON.object(refused)["message"] as? String == "it is not frozen")
        let busy = try await post("/unfreeze", to: asking(refusal: .busy("too many")))
        #expect(busy.status.code == 409)
    }

    @Test func `are not done by GET`() async throws {
        let response = try await asking().ask("/switchover", .get, headers: Self.proof)
        #expect(response.status.code == 405)
        #expect(response.headers[.allow] == "POST")
        // Where a path has both, it is the method that tells.
        let copy = try await asking().ask("/restore", .put, headers: Self.proof)
        #expect(copy.status.code == 405)
        #expect(copy.headers[.allow] == "GET, HEAD, POST")
        let shown = asking()
        #expect(try await shown.ask("/restore", .get).status.code == 200)
        #expect(await shown.surroundings.operations.orders == [])
    }

    @Test func `take no token that can be guessed`() {
        #expect(OperatorToken("") == nil)
        #expect(OperatorToken("short\n0123456789abcdef0123456789abcdef") == nil)
        #expect(OperatorToken("0123456789abcdef\n")?.admits("Bearer 0123456789abcdef") == true)
    }
}
