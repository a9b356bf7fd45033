import Hummingbird
import Logging
import ManateeCore
import ManateePorts
import ManateeWire
import NIOCore

/// Answers the requests of the backup server.
///
/// Paths, the job's members and the bodies of errors are the original's, with additions.
struct BackupResponder: HTTPResponder {
    typealias Context = BasicRequestContext

    /// What can be asked for.
    enum Route: Equatable {
        case list
        case ping
        case jobs
        case begin
        case job(String)
        case stream(String)
        case verdict(String)

        /// The route of a path; nil if there is none.
        init?(_ path: String) {
            let parts = path.split(separator: "/").map(String.init)
            switch (parts.count, parts.first) {
            case (0, _): self = .list
            case (1, "ping"): self = .ping
            case (1, "jobs"): self = .jobs
            case (1, "backup"): self = .begin
            case (2, "backup"): self = .job(parts[1])
            case (3, "backup") where parts[2] == "stream": self = .stream(parts[1])
            case (3, "backup") where parts[2] == "verdict": self = .verdict(parts[1])
            default: return nil
            }
        }

        var method: HTTPRequest.Method {
            switch self {
            case .list, .ping, .jobs, .job, .stream: .get
            case .begin, .verdict: .post
            }
        }

        /// Whether everybody may ask.
        var isOpen: Bool {
            switch self {
            case .list, .ping: true
            case .jobs, .begin, .job, .stream, .verdict: false
            }
        }
    }

    /// The longest body of a request, in bytes.
    static let bodyLimit = 1 << 20

    let jobs: BackupJobs
    let storage: any DataStorage
    let token: BackupToken
    let expiry: Duration
    let logger: Logger

    func respond(to request: Request, context: Context) async throws -> Response {
        guard let route = Route(request.uri.path) else {
            return failure(
                .notFound,
                "ResourceNotFound",
                "there is no such path here; / lists them"
            )
        }
        guard route.isOpen || token.admits(request.headers[.authorization]) else {
            logger.warning(
                "request without the token refused",
                metadata: ["http.path": "\(request.uri.path)"]
            )
            var response = failure(
                .unauthorized,
                "NotAuthorized",
                "this needs the shard's backup token (Authorization: Bearer TOKEN)"
            )
            response.headers[.wwwAuthenticate] = "Bearer"
            response.headers[.connection] = "close"
            return response
        }
        guard request.method == route.method else {
            var response = failure(
                .methodNotAllowed,
                "MethodNotAllowedError",
                "only \(route.method.rawValue) is possible here"
            )
            response.headers[.allow] = route.method.rawValue
            return response
        }
        do {
            return try await answer(route, request)
        } catch let invalid as BackupBodies.Invalid {
            return failure(.conflict, invalid.code, invalid.message)
        } catch let refusal as BackupRefusal {
            return failure(Self.status(refusal.code), refusal.code.rawValue, refusal.message)
        }
    }

    private func answer(_ route: Route, _ request: Request) async throws -> Response {
        switch route {
        case .list:
            let list = """
                GET  /ping
                GET  /jobs
                POST /backup
                GET  /backup/UUID
                GET  /backup/UUID/stream?from=NUMBER
                POST /backup/UUID/verdict

                """
            return response(.ok, list, type: "text/plain; charset=utf-8")
        case .ping:
            return await ping()
        case .jobs:
            return json(.ok, .array(await jobs.resources))
        case .begin:
            let asked = try BackupBodies.readRequest(try await body(of: request))
            let job = try await jobs.begin(asked)
            let offer = BackupBodies.Offer(
                copy: job.offer,
                expiresAfter: max(1, expiry.components.seconds)
            )
            return json(.ok, BackupBodies.offer(offer))
        case .job(let id):
            guard let job = await jobs.job(id) else { return unknown(id) }
            guard case .failed(let reason) = job.phase else { return json(.ok, job.resource) }
            return json(.internalServerError, failed(job, reason))
        case .stream(let id):
            guard let job = await jobs.job(id) else { return unknown(id) }
            let from = request.uri.queryParameters["from"].map(String.init) ?? "0"
            guard let sequence = UInt64(from) else {
                return failure(.badRequest, "InvalidArgument", "from must be a whole number")
            }
            return stream(job, from: sequence)
        case .verdict(let id):
            guard let job = await jobs.job(id) else { return unknown(id) }
            await jobs.close(job, try BackupBodies.readVerdict(try await body(of: request)))
            return json(.ok, job.resource)
        }
    }

    private func ping() async -> Response {
        do {
            if try await storage.exists() {
                return json(.ok, .object(["healthy": .boolean(true), "error": .null]))
            }
            return json(.serviceUnavailable, unhealthy("there is no data at \(storage.dataPath)"))
        } catch {
            return json(.serviceUnavailable, unhealthy("\(error)"))
        }
    }

    private func unhealthy(_ message: String) -> JSONValue {
        .object(["healthy": .boolean(false), "error": .object(["message": .string(message)])])
    }

    /// The original's error, with the job's members.
    private func failed(_ job: BackupJob, _ reason: String) -> JSONValue {
        guard case .object(var members) = job.resource else { return job.resource }
        members["code"] = .string("InternalError")
        members["message"] = .string(reason)
        return .object(members)
    }

    private func stream(_ job: BackupJob, from sequence: UInt64) -> Response {
        guard let reader = job.window.attach(from: sequence) else {
            return failure(
                .gone,
                "StreamGone",
                "frame \(sequence) of this job's stream is not at hand (any more): begin a new job"
            )
        }
        return Response(
            status: .ok,
            headers: [.contentType: "application/octet-stream", .cacheControl: "no-store"],
            body: ResponseBody { writer in
                while true {
                    switch await job.window.next(reader) {
                    case .frame(let frame), .idle(let frame): try await writer.write(frame)
                    case .over:
                        try await writer.finish(nil)
                        return
                    }
                }
            }
        )
    }

    private func body(of request: Request) async throws -> [UInt8] {
        let buffer: ByteBuffer
        do {
            buffer = try await request.body.collect(upTo: Self.bodyLimit)
        } catch is NIOTooManyBytesError {
            throw BackupBodies.Invalid(
                code: "RequestEntityTooLarge",
                message: "the request is longer than \(Self.bodyLimit) bytes"
            )
        }
        return Array(buffer.readableBytesView)
    }

    private static func status(_ code: BackupRefusal.Code) -> HTTPResponse.Status {
        switch code {
        case .tooManyJobs, .ending: .serviceUnavailable
        case .noSnapshot, .wrongVersion: .conflict
        case .storageFailed: .internalServerError
        }
    }

    private func unknown(_ id: String) -> Response {
        failure(.notFound, "ResourceNotFound", "there is no job \(id)")
    }

    private func failure(
        _ status: HTTPResponse.Status,
        _ code: String,
        _ message: String
    ) -> Response {
        json(status, BackupBodies.failure(code, message))
    }

    private func json(_ status: HTTPResponse.Status, _ body: JSONValue) -> Response {
        response(status, JSONText.text(body) + "\n", type: "application/json; charset=utf-8")
    }

    private func response(
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
