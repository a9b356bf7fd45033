import HTTPTypes

/// What can be asked for.
enum Route: Hashable {
    case list
    case ping
    case state
    case restore
    case health(HealthQuestion)
    case patroni
    case cluster
    case history
    case explain
    case events
    case metrics
    case openAPI
    case operations
    case operation
    case order(OrderName)

    /// An operation that operators may ask for.
    enum OrderName: String, CaseIterable {
        case switchover
        case promote
        case clearPromote = "clear-promote"
        case freeze
        case unfreeze
        case reap
        case restore
    }

    /// What `/` lists for programs: the paths of the original, and nothing else.
    static let original: [Route] = [.list, .ping, .state, .restore]

    /// Every route, in the order in which it is documented.
    static let all: [Route] =
        original + HealthQuestion.allCases.map(Route.health)
        + [.patroni, .cluster, .history, .explain, .events, .metrics, .openAPI, .operations]
        + [.operation] + OrderName.allCases.map(Route.order)

    /// The paths by which it is asked for, the one that is documented first.
    var paths: [String] {
        switch self {
        case .list: ["/"]
        case .ping: ["/ping"]
        case .state: ["/state"]
        case .restore: ["/restore"]
        case .health(let question): question.paths
        case .patroni: ["/patroni"]
        case .cluster: ["/cluster"]
        case .history: ["/history"]
        case .explain: ["/explain"]
        case .events: ["/events"]
        case .metrics: ["/metrics"]
        case .openAPI: ["/openapi.json"]
        case .operations: ["/operations"]
        case .operation: ["/operations/{number}"]
        case .order(let name): ["/\(name.rawValue)"]
        }
    }

    /// The methods that it answers.
    var methods: [HTTPRequest.Method] {
        switch self {
        // `OPTIONS /` is what HAProxy asks by itself, and Patroni answers it for the primary.
        case .list, .health: [.get, .head, .options]
        case .ping, .state, .restore, .patroni, .cluster, .history, .explain, .events, .metrics,
            .openAPI, .operations, .operation:
            [.get, .head]
        case .order: [.post]
        }
    }

    private static let exact: [String: [Route]] = Dictionary(
        all.flatMap { route in route.paths.map { ($0, [route]) } },
        uniquingKeysWith: +
    )

    /// The routes of `path`, told apart by their methods, and the rest of the path where it is variable.
    static func find(_ path: String) -> (routes: [Route], rest: Substring) {
        if let routes = exact[path], routes != [.operation] { return (routes, "") }
        let prefix = "/operations/"
        guard path.hasPrefix(prefix) else { return ([], "") }
        return ([.operation], path.dropFirst(prefix.count))
    }
}
