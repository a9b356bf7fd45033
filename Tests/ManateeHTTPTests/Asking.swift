import Foundation
import Hummingbird
import HummingbirdTesting
import Logging
import Testing

@testable import ManateeHTTP

/// One question to a scripted sitter's server, without a socket.
struct Asking {
    var status = ScriptedStatus.working
    var surroundings = ScriptedSurroundings()

    func ask(
        _ path: String,
        _ method: HTTPRequest.Method = .get,
        headers: HTTPFields = [:],
        body: ByteBuffer? = nil
    ) async throws -> TestResponse {
        let server = StatusServer(
            address: "127.0.0.1",
            port: 0,
            status: status,
            context: surroundings.context,
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        )
        return try await server.application.test(.router) { client in
            try await client.execute(uri: path, method: method, headers: headers, body: body) { $0 }
        }
    }

    /// The answer's JSON object.
    func object(_ path: String) async throws -> [String: Any] {
        try JSON.object(try await ask(path))
    }
}

/// Reads bodies.
enum JSON {
    static func object(_ response: TestResponse) throws -> [String: Any] {
        #expect(response.headers[.contentType] == "application/json; charset=utf-8")
        let value = try JSONSerialization.jsonObject(with: Data(response.body.readableBytesView))
        return try #require(value as? [String: Any])
    }

    static func array(_ response: TestResponse) throws -> [Any] {
        let value = try JSONSerialization.jsonObject(with: Data(response.body.readableBytesView))
        return try #require(value as? [Any])
    }
}
