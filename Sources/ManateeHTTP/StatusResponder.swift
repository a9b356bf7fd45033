import Hummingbird
import ManateeCore
import ManateePorts

/// Answers the requests of the status server: it shows, and changes nothing.
///
/// Paths and bodies are the original's, with fields added; so are the bodies of errors,
/// `{"code", "message"}`.
struct StatusResponder: HTTPResponder {
    typealias Context = BasicRequestContext

    /// What can be asked for, in the order in which `/` lists it.
    enum Route: String, CaseIterable {
        case list = "/"
        case ping = "/ping"
        case state = "/state"
        case restore = "/restore"
    }

    /// No request needs a body; a longer one than this is refused unread, in bytes.
    static let bodyLimit = 16384

    let status: any SitterStatus

    func respond(to request: Request, context: Context) async throws -> Response {
        let response = await answer(request)
        return request.method == .head ? response.createHeadResponse() : response
    }

    private func answer(_ request: Request) async -> Response {
        if let length = request.headers[.contentLength].flatMap({ Int($0) }),
            length > StatusResponder.bodyLimit
        {
            return StatusResponder.failure(
                .contentTooLarge,
                "RequestEntityTooLarge",
                "requests here need no body"
            )
        }
        var path = request.uri.path
        while path.count > 1, path.hasSuffix("/") { path.removeLast() }
        guard let route = Route(rawValue: path) else {
            return StatusResponder.failure(
                .notFound,
                "ResourceNotFound",
                "there is no such path here; / lists those that are"
            )
        }
        guard request.method == .get || request.method == .head else {
            var response = StatusResponder.failure(
                .methodNotAllowed,
                "MethodNotAllowedError",
                "only GET and HEAD are possible here"
            )
            response.headers[.allow] = "GET, HEAD"
            return response
        }
        switch route {
        case .list:
            let list = Route.allCases.map { $0.rawValue + "\n" }.joined()
            return StatusResponder.response(.ok, list, type: "text/plain; charset=utf-8")
        case .ping:
            let postgres = await status.postgresStatus()
            return StatusResponder.json(
                postgres.healthy == true ? .ok : .serviceUnavailable,
                StatusBodies.ping(postgres)
            )
        case .state:
            return StatusResponder.json(
                .ok,
                StatusBodies.state(
                    await status.peerView(),
                    await status.postgresStatus(),
                    await status.spaceStatus()
                )
            )
        case .restore:
            return StatusResponder.json(.ok, .object(["restore": .null]))
        }
    }

    private static func failure(
        _ status: HTTPResponse.Status,
        _ code: String,
        _ message: String
    ) -> Response {
        json(status, .object(["code": .string(code), "message": .string(message)]))
    }

    private static func json(_ status: HTTPResponse.Status, _ body: JSONValue) -> Response {
        response(status, StatusBodies.text(body), type: "application/json; charset=utf-8")
    }

    private static func response(
        _ status: HTTPResponse.Status,
        _ body: String,
        type: String
    ) -> Response {
        Response(
            status: status,
            headers: [.contentType: type, .cacheControl: "no-store"],
            body: ResponseBody(byteBuffer: ByteBuffer(string: body))
        )
    }
}
