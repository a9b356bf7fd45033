import Hummingbird
import ManateeCore
import ManateePorts
import ManateeWire

/// Takes operators' orders, and tells what became of them.
struct OperationResponder {
    let context: StatusContext
    /// How long a body may take to arrive.
    let patience: Duration

    func answer(_ request: Request, _ route: Route, _ rest: Substring) async -> Response {
        if let refusal = refusal(of: request) { return refusal }
        if case .order(let name) = route { return await take(request, name) }
        if route == .operations {
            let all = await context.operations.operations()
            return Answer.json(.ok, .object(["operations": .array(all.map(Self.body))]))
        }
        guard let number = Int(rest), let operation = await context.operations.operation(number)
        else {
            return Answer.failure(
                .notFound,
                "ResourceNotFound",
                "there is no such operation in this process; the last \(ShardOperation.kept) are kept"
            )
        }
        return Answer.json(.ok, Self.body(operation))
    }

    // MARK: Who asks

    private func refusal(of request: Request) -> Response? {
        guard let token = context.token else {
            return Answer.failure(
                .forbidden,
                "NotAuthorizedError",
                "operations are switched off: set statusServer.tokenFile to a file of mode 0600 that "
                    + "holds a token, and restart the sitter; manatee-adm does the same without"
            )
        }
        guard !token.admits(request.headers[.authorization]) else { return nil }
        var response = Answer.failure(
            .unauthorized,
            "InvalidCredentialsError",
            "send the token of statusServer.tokenFile: Authorization: Bearer TOKEN"
        )
        response.headers[.wwwAuthenticate] = "Bearer realm=\"manatee\""
        return response
    }

    // MARK: Orders

    private func take(_ request: Request, _ name: Route.OrderName) async -> Response {
        let order: ShardOrder
        do {
            order = try Self.order(name, try await fields(of: request))
        } catch let bad as BadRequest {
            return Answer.bad(bad)
        } catch is TooSlow {
            return Answer.failure(
                .requestTimeout,
                "RequestTimeoutError",
                "the body did not arrive within \(patience)"
            )
        } catch {
            return Answer.failure(
                .contentTooLarge,
                "RequestEntityTooLarge",
                "the body is longer than \(StatusResponder.bodyLimit) bytes"
            )
        }
        switch await context.operations.begin(order) {
        case .success(let operation):
            var response = Answer.json(.accepted, Self.body(operation))
            response.headers[.location] = "/operations/\(operation.number)"
            return response
        case .failure(.notNow(let why)):
            return Answer.failure(.preconditionFailed, "PreconditionFailedError", why)
        case .failure(.busy(let why)):
            return Answer.failure(.conflict, "ConflictError", why)
        }
    }

    private struct TooSlow: Error {}

    private func fields(of request: Request) async throws -> [String: JSONValue] {
        let body = try await withThrowingTaskGroup(of: ByteBuffer.self) { group in
            group.addTask { try await request.body.collect(upTo: StatusResponder.bodyLimit) }
            group.addTask {
                try await Task.sleep(for: patience)
                throw TooSlow()
            }
            defer { group.cancelAll() }
            guard let first = try await group.next() else { throw TooSlow() }
            return first
        }
        guard body.readableBytes > 0 else { return [:] }
        do {
            let bytes = Array(body.readableBytesView)
            if case .object(let fields) = try JSONText.parse(bytes, document: "body") {
                return fields
            }
        } catch {
            throw BadRequest("the body is not JSON: \(error)")
        }
        throw BadRequest(
            "the body is JSON, but not an object; expected for example {\"reason\":\"...\"}"
        )
    }

    static func order(
        _ name: Route.OrderName,
        _ fields: [String: JSONValue]
    ) throws(BadRequest) -> ShardOrder {
        let known: Set<String> =
            switch name {
            case .freeze: ["reason"]
            case .promote, .reap: ["peer"]
            case .switchover, .clearPromote, .unfreeze, .restore: []
            }
        if let unknown = fields.keys.sorted().first(where: { !known.contains($0) }) {
            let expected = known.isEmpty ? "none" : known.sorted().joined(separator: ", ")
            throw BadRequest("unknown field \"\(unknown.prefix(40))\"; expected: \(expected)")
        }
        switch name {
        case .switchover: return .switchover
        case .clearPromote: return .clearPromote
        case .unfreeze: return .unfreeze
        case .freeze: return .freeze(reason: try text("reason", fields))
        case .promote: return .promote(peer: try text("peer", fields))
        case .reap: return .reap(peer: try text("peer", fields))
        case .restore: return .restore
        }
    }

    private static func text(
        _ name: String,
        _ fields: [String: JSONValue]
    ) throws(BadRequest) -> String {
        guard let text = fields[name]?.text, !text.isEmpty, text.utf8.count <= 1000 else {
            throw BadRequest("\"\(name)\" is missing; expected a text of 1 to 1000 bytes")
        }
        return text
    }

    static func body(_ operation: ShardOperation) -> JSONValue {
        let (word, text) =
            switch operation.progress {
            case .running(let text): ("running", text)
            case .succeeded(let text): ("succeeded", text)
            case .failed(let text): ("failed", text)
            }
        return .object([
            "id": .integer(Int64(operation.number)),
            "operation": .string(operation.order.name),
            "state": .string(word),
            "text": .string(text),
            "began": .string(operation.began.description),
            "ended": .optional(operation.ended?.description),
        ])
    }
}
