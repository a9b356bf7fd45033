import Foundation
import Hummingbird
import HummingbirdTesting
import Logging
import ManateeCore
import ManateePorts
import Testing

@testable import ManateeHTTP

@Suite("The status server's answers")
struct StatusResponderTests {
    private func ask(
        _ path: String,
        _ method: HTTPRequest.Method = .get,
        of status: ScriptedStatus = .working,
        body: ByteBuffer? = nil
    ) async throws -> TestResponse {
        try await Asking(status: status).ask(path, method, body: body)
    }

    private func json(_ response: TestResponse) throws -> [String: Any] {
        #expect(response.headers[.contentType] == "application/json; charset=utf-8")
        let object = try JSONSerialization.jsonObject(with: Data(response.body.readableBytesView))
        return try #require(object as? [String: Any])
    }

    @Test(arguments: ["/", "/?x=1", "//"])
    func `list the routes`(path: String) async throws {
        let response = try await ask(path)
        #expect(response.status == .ok)
        #expect(String(buffer: response.body) == "/\n/ping\n/state\n/restore\n")
        #expect(response.headers[.contentType] == "text/plain; charset=utf-8")
    }

    @Test func `are 200 while postgres is healthy`() async throws {
        let response = try await ask("/ping")
        #expect(response.status == .ok)
        #expect(
            String(buffer: response.body)
                == "{\"error\":null,\"healthy\":true,\"lastCheck\":1700000000123}\n"
        )
    }

    @Test func `are 503 with the reason while it is not, and before it is known`() async throws {
        var status = ScriptedStatus()
        var response = try await ask("/ping", of: status)
        #expect(response.status == .serviceUnavailable)
        #expect(
            String(buffer: response.body)
                == "{\"error\":null,\"healthy\":null,\"lastCheck\":null}\n"
        )
        status.postgres.healthy = false
        status.postgres.error = "no answer \"within\" 5 s"
        response = try await ask("/ping", of: status)
        #expect(response.status == .serviceUnavailable)
        let body = try json(response)
        #expect(body["healthy"] as? Bool == false)
        #expect((body["error"] as? [String: String]) == ["message": "no answer \"within\" 5 s"])
    }

    @Test func `show the original's fields of the state`() async throws {
        let body = try json(try await ask("/state"))
        #expect(body["id"] as? String == "10.0.0.7:5432:12345")
        #expect(body["role"] as? String == "primary")
        #expect(body["pending"] == nil)
        let state = try #require(body["zkstate"] as? [String: Any])
        #expect(state["generation"] as? Int == 7)
        #expect(state["initWal"] as? String == "0/4405D30")
        #expect(state["later"] as? Bool == true)
        #expect((state["primary"] as? [String: Any])?["zoneId"] as? String == "zone7")
        let peers = try #require(body["zkpeers"] as? [[String: Any]])
        #expect(peers.map { $0["id"] as? String }.first == "10.0.0.7:5432:12345")
        #expect(peers.count == 3)
        #expect(peers[0]["backupUrl"] as? String == "http://10.0.0.7:12345")
        #expect(peers[2]["backupUrl"] == nil)
    }

    @Test func `show what is known besides`() async throws {
        var status = ScriptedStatus.working
        status.view.pending = [.postgresTransition, .clusterWriteOrWait]
        let body = try json(try await ask("/state", of: status))
        #expect(body["generation"] as? Int == 7)
        #expect(body["writesOpen"] as? Int == 7)
        #expect(body["storeConnected"] as? Bool == true)
        #expect(body["zkstateVersion"] as? Int == 0)
        let pending = (body["pending"] as? [Any])?.map { "\($0)" }
        #expect(pending == ["postgres transition", "cluster write or wait"])
        let postgres = try #require(body["postgres"] as? [String: Any])
        #expect(postgres["gateOpen"] as? Bool == true)
        #expect(postgres["position"] as? String == "1/0")
        #expect(postgres["timeline"] as? Int == 3)
    }

    @Test func `show null for what is not known yet`() async throws {
        let body = try json(try await ask("/state", of: ScriptedStatus()))
        for name in ["zkstate", "zkpeers", "generation", "reason", "zkstateVersion"] {
            #expect(body[name] is NSNull, "\(name)")
        }
    }

    @Test func `say how far a copy is, as the original does`() async throws {
        var status = ScriptedStatus.working
        var restore = RestoreStatus(
            id: "8c1a",
            source: PeerID("10.0.0.2:5432:12345"),
            method: .whole
        )
        restore.total = 5_000_000_000
        restore.completed = 1_250_000_000
        restore.bytesPerSecond = 80_000_000
        status.postgres.restore = restore
        let response = try await ask("/restore", of: status)
        #expect(
            String(buffer: response.body) == """
                {"restore":{"bytesPerSecond":80000000,"completed":"1250000000","done":false,\
                "host":"10.0.0.2","method":"whole","port":12345,"size":"5000000000",\
                "source":"10.0.0.2:5432:12345","uuid":"8c1a"}}

                """
        )
    }

    @Test func `say that nothing is being restored`() async throws {
        let response = try await ask("/restore")
        #expect(response.status == .ok)
        #expect(String(buffer: response.body) == "{\"restore\":null}\n")
    }

    @Test(arguments: ["/nothing", "/ping/x", "/../etc/passwd", "/%00", "/PING", "/state%2f"])
    func `are 404 with a body for other paths`(path: String) async throws {
        let response = try await ask(path)
        #expect(response.status == .notFound)
        #expect(try json(response)["code"] as? String == "ResourceNotFound")
    }

    @Test(arguments: [HTTPRequest.Method.post, .put, .delete, .patch, .options])
    func `are 405 with a body for methods that change`(method: HTTPRequest.Method) async throws {
        let response = try await ask("/state", method)
        #expect(response.status == .methodNotAllowed)
        #expect(response.headers[.allow] == "GET, HEAD")
        #expect(try json(response)["code"] as? String == "MethodNotAllowedError")
    }

    @Test func `to HEAD have the same status and length, and no body`() async throws {
        let head = try await ask("/ping", .head, of: ScriptedStatus())
        #expect(head.status == .serviceUnavailable)
        #expect(head.body.readableBytes == 0)
    }

    @Test func `refuse long bodies`() async throws {
        let body = ByteBuffer(repeating: 0x61, count: 100_000)
        #expect(try await ask("/ping", .get, body: body).status == .contentTooLarge)
    }
}
