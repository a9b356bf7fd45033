import AsyncHTTPClient
import ManateeCore
import ManateeWire
import NIOCore
import NIOHTTP1

@testable import ManateeBackup

extension BackupWorld {
    /// What the server said.
    struct Answer {
        var status: UInt
        var text: String
        var body: JSONValue
    }

    func get(_ path: String, authorization: String? = nil) async throws -> Answer {
        try await ask(.GET, path, nil, authorization)
    }

    func post(
        _ path: String,
        _ body: String,
        authorization: String? = nil
    ) async throws -> Answer {
        try await ask(.POST, path, body, authorization)
    }

    private func ask(
        _ method: HTTPMethod,
        _ path: String,
        _ body: String?,
        _ authorization: String?
    ) async throws -> Answer {
        var request = HTTPClientRequest(url: url + path)
        request.method = method
        request.headers.add(name: "Authorization", value: authorization ?? token.authorization)
        if let body { request.body = .bytes(ByteBuffer(string: body)) }
        let response = try await HTTPClient.shared.execute(request, timeout: .seconds(20))
        let text = String(buffer: try await response.body.collect(upTo: 1 << 20))
        // Not everything is JSON.
        let parsed = try? JSONText.parse(Array(text.utf8), document: "the answer")
        return Answer(status: response.status.code, text: text, body: parsed ?? .null)
    }
}
