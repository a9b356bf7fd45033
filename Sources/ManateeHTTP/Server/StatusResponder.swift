import Hummingbird
import ManateeCore
import ManateePorts

/// Answers the requests of the status server.
///
/// The paths of the original and Patroni's health paths answer with what the sitter knows already; nothing
/// is asked of postgres or of the store for them. Bodies of errors are the original's, `{"code", "message"}`.
struct StatusResponder: HTTPResponder {
    typealias Context = StatusRequestContext

    /// A longer body than this is refused unread, in bytes.
    static let bodyLimit = 16384

    let status: any SitterStatus
    let context: StatusContext
    let eventStreams = EventStreams()
    /// How long a request's body may take to arrive.
    var bodyPatience = Duration.seconds(10)

    func respond(to request: Request, context channel: Context) async throws -> Response {
        let response = await answer(request, channel)
        return request.method == .head ? response.createHeadResponse() : response
    }

    private func answer(_ request: Request, _ channel: Context) async -> Response {
        if let length = request.headers[.contentLength].flatMap({ Int($0) }),
            length > StatusResponder.bodyLimit
        {
            return Answer.failure(
                .contentTooLarge,
                "RequestEntityTooLarge",
                "no request here needs a body of more than \(StatusResponder.bodyLimit) bytes"
            )
        }
        var path = request.uri.path
        while path.count > 1, path.hasSuffix("/") { path.removeLast() }
        let (routes, rest) = Route.find(path)
        guard !routes.isEmpty else {
            return Answer.failure(
                .notFound,
                "ResourceNotFound",
                "there is no such path here; / lists those of the original, /openapi.json all"
            )
        }
        guard let route = routes.first(where: { $0.methods.contains(request.method) }) else {
            let methods = routes.flatMap(\.methods).map(\.rawValue)
            var response = Answer.failure(
                .methodNotAllowed,
                "MethodNotAllowedError",
                "only \(methods.joined(separator: " and ")) are possible here"
            )
            response.headers[.allow] = methods.joined(separator: ", ")
            return response
        }
        return await answer(request, route, rest, channel)
    }

    private func answer(
        _ request: Request,
        _ route: Route,
        _ rest: Substring,
        _ channel: Context
    ) async -> Response {
        switch route {
        case .list:
            if request.method == .options { return await health(.primary, request) }
            if Accepted(request.headers[.accept]).prefersHTML { return await dashboard() }
            let list = Route.original.flatMap(\.paths).map { $0 + "\n" }.joined()
            return Answer.text(list)
        case .ping:
            let postgres = await status.postgresStatus()
            return Answer.json(
                postgres.healthy == true ? .ok : .serviceUnavailable,
                StatusBodies.ping(postgres)
            )
        case .state:
            return Answer.json(
                .ok,
                StatusBodies.state(
                    await status.peerView(),
                    await status.postgresStatus(),
                    await status.spaceStatus(),
                    await status.configurationStatus()
                )
            )
        case .restore:
            let restore = await status.postgresStatus().restore
            return Answer.json(.ok, StatusBodies.restore(restore))
        case .health(let question):
            return await health(question, request)
        case .patroni:
            return Answer.json(.ok, PatroniBodies.status(await snapshot()))
        case .cluster:
            return Answer.json(
                .ok,
                PatroniBodies.cluster(await snapshot(), await context.survey.latest())
            )
        case .history:
            return await history(request)
        case .explain:
            return await explain(request)
        case .events:
            return await eventStreams.answer(request, status, channel.channel)
        case .metrics:
            return await metrics(request)
        case .openAPI:
            return Answer.json(.ok, OpenAPI.document(version: context.version))
        case .operations, .operation, .order:
            return await OperationResponder(context: context, patience: bodyPatience)
                .answer(request, route, rest)
        }
    }

    private func snapshot() async -> StatusSnapshot {
        StatusSnapshot(
            context: context,
            view: await status.peerView(),
            postgres: await status.postgresStatus(),
            now: context.wallClock()
        )
    }

    private func health(_ question: HealthQuestion, _ request: Request) async -> Response {
        let limits: HealthLimits
        do {
            limits = try HealthLimits(request.query)
        } catch {
            return Answer.bad(error)
        }
        let snapshot = await snapshot()
        let health = PeerHealth(view: snapshot.view, postgres: snapshot.postgres)
        let code: HTTPResponse.Status =
            health.answers(question, within: limits) ? .ok : .serviceUnavailable
        guard request.method == .get else { return Answer.bare(code) }
        return Answer.json(code, PatroniBodies.status(snapshot))
    }

    private func history(_ request: Request) async -> Response {
        let picture = await context.survey.latest()
        switch request.query.first(where: { $0.name == "format" })?.value {
        case nil, "patroni": return Answer.json(.ok, HistoryBodies.patroni(picture))
        case "manatee":
            return Answer.json(.ok, HistoryBodies.manatee(picture, await status.journal()))
        case .some(let other):
            return Answer.bad(
                BadRequest("format is \"\(other.prefix(40))\"; expected patroni or manatee")
            )
        }
    }

    private func explain(_ request: Request) async -> Response {
        let bodies = ExplainBodies(
            await snapshot(),
            await context.survey.latest(),
            await status.spaceStatus()
        )
        let wanted = request.query.first { $0.name == "format" }?.value
        switch wanted {
        case nil:
            return Accepted(request.headers[.accept]).asksForJSON
                ? Answer.json(.ok, bodies.json) : Answer.text(bodies.text)
        case "text": return Answer.text(bodies.text)
        case "json": return Answer.json(.ok, bodies.json)
        case .some(let other):
            return Answer.bad(
                BadRequest("format is \"\(other.prefix(40))\"; expected text or json")
            )
        }
    }

    private func metrics(_ request: Request) async -> Response {
        let form = Accepted(request.headers[.accept]).metricsForm
        let page = MetricsPage(
            snapshot: await snapshot(),
            journal: await status.journal(),
            picture: await context.survey.latest(),
            process: ProcessFigures.read(dataDirectory: context.dataDirectory),
            space: await status.spaceStatus(),
            configuration: await status.configurationStatus(),
            hearing: await status.hearing(),
            snapshots: await status.snapshotStatus()
        )
        let aliases = request.query.contains { $0.name == "patroni" && $0.value != "0" }
        return Answer.make(.ok, page.text(form, patroniAliases: aliases), type: form.contentType)
    }

    private func dashboard() async -> Response {
        let picture = await context.survey.latest()
        let nonce = DashboardPage.nonce()
        let page = DashboardPage(
            snapshot: await snapshot(),
            journal: await status.journal(),
            picture: picture,
            space: await status.spaceStatus(),
            nonce: nonce
        )
        var response = Answer.make(.ok, page.html, type: "text/html; charset=utf-8")
        response.headers[.contentSecurityPolicy] = """
            default-src 'none'; style-src 'nonce-\(nonce)'; script-src 'nonce-\(nonce)'; \
            connect-src 'self'; img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'
            """
        response.headers[.xContentTypeOptions] = "nosniff"
        return response
    }
}

extension Request {
    /// The query's names and values, decoded, in their order.
    var query: [(name: String, value: String)] {
        uri.queryParameters.map { (String($0), String($1)) }
    }
}
