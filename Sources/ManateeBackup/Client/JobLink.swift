import AsyncHTTPClient
import ManateeCore
import ManateePorts
import ManateeWire
import NIOCore
import NIOHTTP1

/// The requests of a receiver to one backup server.
struct JobLink: Sendable {
    /// How long a connection may take to come about.
    private static let connectLimit = TimeAmount.seconds(5)
    /// How long a short request may take; beginning a job takes a snapshot, which may be slow.
    private static let limits = (begin: TimeAmount.seconds(120), other: TimeAmount.seconds(10))
    /// The longest answer but a stream, in bytes.
    private static let answerLimit = 1 << 20

    /// An answer.
    struct Answer {
        var status: UInt
        var body: [UInt8]
    }

    let client: HTTPClient
    /// The server, without a slash at its end.
    let server: String
    let token: BackupToken

    /// Runs `body` with a link to `url`, which is gone behind it.
    static func with<Result: Sendable>(
        _ url: String,
        token: BackupToken,
        _ body: (JobLink) async throws -> Result
    ) async throws -> Result {
        var configuration = HTTPClient.Configuration(
            redirectConfiguration: .disallow,
            timeout: .init(connect: connectLimit)
        )
        // The token and the data are for the server that was named, and nobody between.
        configuration.proxy = nil
        let client = HTTPClient(
            eventLoopGroup: HTTPClient.defaultEventLoopGroup,
            configuration: configuration
        )
        let server = String(url.reversed().drop { $0 == "/" }.reversed())
        let result: Swift.Result<Result, any Error>
        do {
            result = .success(try await body(JobLink(client: client, server: server, token: token)))
        } catch {
            result = .failure(error)
        }
        // Connections that do not close in order are cut; there is nothing else to do about them.
        try? await client.shutdown()
        return try result.get()
    }

    /// Asks for a job.
    ///
    /// - Throws: `CopyFailure`.
    func begin(_ request: BackupBodies.Request) async throws -> BackupBodies.Offer {
        let text = JSONText.text(BackupBodies.request(request))
        let answer = try await ask("/backup", body: text, limit: Self.limits.begin)
        try check(answer)
        do {
            return try BackupBodies.readOffer(answer.body)
        } catch {
            throw CopyFailure(
                .wrongVersion,
                "\(server) offers something that is not understood: \(error.message)"
            )
        }
    }

    /// Tells the server that the receiver lives, and looks whether the job does.
    ///
    /// - Throws: `CopyFailure`; `.unreachable` if the server does not answer.
    func look(at job: String) async throws {
        try check(try await ask("/backup/\(job)", body: nil, limit: Self.limits.other))
    }

    /// Opens the stream of a job.
    ///
    /// - Throws: `CopyFailure`.
    func stream(of job: String, from sequence: UInt64) async throws -> HTTPClientResponse.Body {
        let path = "/backup/\(job)/stream?from=\(sequence)"
        let response = try await send(request(path, body: nil), deadline: .distantFuture)
        guard response.status == .ok else { try check(try await answer(response)); return .init() }
        return response.body
    }

    /// Tells the server what became of a job, cancelled or not.
    ///
    /// - Returns: whether the server heard it.
    func tell(_ verdict: BackupBodies.Verdict, about job: String) async -> Bool {
        do {
            let request = try HTTPClient.Request(
                url: "\(server)/backup/\(job)/verdict",
                method: .POST,
                headers: ["Authorization": token.authorization],
                body: .string(JSONText.text(BackupBodies.verdict(verdict)))
            )
            // This form does not end with the task, which may be cancelled already.
            let answer = client.execute(request: request, deadline: .now() + Self.limits.other)
            return try await answer.get().status == .ok
        } catch {
            return false
        }
    }

    // MARK: Sending

    private func ask(_ path: String, body: String?, limit: TimeAmount) async throws -> Answer {
        let response = try await send(request(path, body: body), deadline: .now() + limit)
        return try await answer(response)
    }

    private func request(_ path: String, body: String?) -> HTTPClientRequest {
        var request = HTTPClientRequest(url: server + path)
        request.headers.add(name: "Authorization", value: token.authorization)
        if let body {
            request.method = .POST
            request.headers.add(name: "Content-Type", value: "application/json")
            request.body = .bytes(ByteBuffer(string: body))
        }
        return request
    }

    private func send(
        _ request: HTTPClientRequest,
        deadline: NIODeadline
    ) async throws -> HTTPClientResponse {
        do {
            return try await client.execute(request, deadline: deadline)
        } catch {
            throw lost(error)
        }
    }

    private func answer(_ response: HTTPClientResponse) async throws -> Answer {
        do {
            let body = try await response.body.collect(upTo: Self.answerLimit)
            return Answer(status: response.status.code, body: Array(body.readableBytesView))
        } catch {
            throw lost(error)
        }
    }

    /// What an error of the connection means.
    func lost(_ error: any Error) -> CopyFailure {
        if Task.isCancelled || error is CancellationError {
            return CopyFailure(.cancelled, "the transfer from \(server) was cancelled")
        }
        return CopyFailure(
            .unreachable,
            "the backup server \(server) cannot be reached: \(error); check that it runs and that"
                + " this is its address"
        )
    }

    // MARK: Answers

    private func check(_ answer: Answer) throws(CopyFailure) {
        guard answer.status != 200 else { return }
        guard let (code, message) = BackupBodies.readFailure(answer.body) else {
            throw CopyFailure(
                .wrongVersion,
                "\(server) answers with status \(answer.status) and no reason: is it a backup server?"
            )
        }
        throw CopyFailure(Self.kind(answer.status, code), "\(server) says: \(message)")
    }

    private static func kind(_ status: UInt, _ code: String) -> CopyFailure.Kind {
        switch BackupRefusal.Code(rawValue: code) {
        case .tooManyJobs: .busy
        case .noSnapshot: .noSnapshot
        case .wrongVersion: .wrongVersion
        case .storageFailed: .sourceFailed
        case .ending: .unreachable
        case nil:
            switch status {
            case 401, 403: .authentication
            case 404, 410, 500...599: .sourceFailed
            // Somebody who does not understand us.
            case _: .wrongVersion
            }
        }
    }
}
