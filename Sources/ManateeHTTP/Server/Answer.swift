import Hummingbird
import ManateeCore

/// Answers in the forms that this server has.
enum Answer {
    static func json(_ status: HTTPResponse.Status, _ body: JSONValue) -> Response {
        make(status, StatusBodies.text(body), type: "application/json; charset=utf-8")
    }

    static func text(_ body: String) -> Response {
        make(.ok, body, type: "text/plain; charset=utf-8")
    }

    static func make(_ status: HTTPResponse.Status, _ body: String, type: String) -> Response {
        Response(
            status: status,
            headers: [.contentType: type, .cacheControl: "no-store"],
            body: ResponseBody(byteBuffer: ByteBuffer(string: body))
        )
    }

    /// A status and nothing else.
    static func bare(_ status: HTTPResponse.Status) -> Response {
        Response(status: status, headers: [.cacheControl: "no-store"])
    }

    /// An error in the original's form, `{"code", "message"}`.
    static func failure(
        _ status: HTTPResponse.Status,
        _ code: String,
        _ message: String
    ) -> Response {
        json(status, .object(["code": .string(code), "message": .string(message)]))
    }

    static func bad(_ request: BadRequest) -> Response {
        failure(.badRequest, "BadRequestError", request.message)
    }
}
