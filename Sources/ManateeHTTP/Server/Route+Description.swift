import HTTPTypes

/// What a route answers, for the document that describes them all.
extension Route {
    /// What is asked, in one sentence.
    var summary: String {
        switch self {
        case .list: "The original's routes as text; for browsers the dashboard; OPTIONS as /primary"
        case .ping: "Whether postgres is known to be healthy"
        case .state: "What the peer is and what it waits for"
        case .restore: "The last restore"
        case .health(let question): "Health for load balancers: \(question.rawValue)"
        case .patroni: "The peer in Patroni's shape"
        case .cluster: "The shard in Patroni's shape, and more under manatee"
        case .history: "The timelines in Patroni's shape, or all changes and their phases"
        case .explain: "What the peers do and why, and what would follow if one of them died"
        case .events: "The journal as server-sent events, from Last-Event-ID on"
        case .metrics: "Metrics for Prometheus"
        case .openAPI: "This document"
        case .operations: "The operations that were asked for"
        case .operation: "How far an operation is"
        case .order(.switchover): "Make the sync primary"
        case .order(.promote): "Promote a peer by one place"
        case .order(.clearPromote): "Take a request to promote back"
        case .order(.freeze): "Order that no role changes"
        case .order(.unfreeze): "Take that order back"
        case .order(.reap): "Take a peer off the list of the deposed"
        case .order(.restore): "Make this peer's data anew"
        }
    }

    /// The statuses of a request with this method, beyond those that every path has (404, 405, 413).
    func statuses(_ method: HTTPRequest.Method) -> [Int] {
        switch self {
        case .list: method == .options ? [200, 400, 503] : [200]
        case .ping: [200, 503]
        case .health(.liveness): [200, 400]
        case .health(.quorum), .health(.standbyLeader): [400, 503]
        case .health: [200, 400, 503]
        case .state, .restore, .patroni, .cluster, .metrics, .openAPI: [200]
        case .history, .explain: [200, 400]
        case .events: method == .head ? [200, 400] : [200, 400, 503]
        case .operations: [200, 401, 403]
        case .operation: [200, 401, 403, 404]
        case .order: [202, 400, 401, 403, 408, 409, 412, 413]
        }
    }

    /// A part of the request that changes the answer.
    struct Parameter {
        var name: String
        var place: String
        var words: String
    }

    var parameters: [Parameter] {
        switch self {
        case .health(.liveness), .health(.primary), .health(.leader), .health(.standbyLeader),
            .health(.quorum), .health(.readOnlyQuorum), .health(.health), .list, .ping, .state,
            .restore, .patroni, .cluster, .openAPI, .operations, .order:
            []
        case .health(.readiness):
            [
                Parameter(name: "lag", place: "query", words: "how far behind, such as 10MB"),
                Parameter(name: "mode", place: "query", words: "apply (default) or write"),
            ]
        case .health(.replica), .health(.readOnly), .health(.sync), .health(.readOnlySync),
            .health(.async):
            [
                Parameter(name: "lag", place: "query", words: "how far behind, such as 10MB"),
                Parameter(
                    name: "replication_state",
                    place: "query",
                    words: "what the replication must be doing, such as streaming"
                ),
            ]
        case .history:
            [Parameter(name: "format", place: "query", words: "patroni (default) or manatee")]
        case .explain:
            [Parameter(name: "format", place: "query", words: "text (default) or json")]
        case .events:
            [Parameter(name: "Last-Event-ID", place: "header", words: "the last event seen")]
        case .metrics:
            [Parameter(name: "patroni", place: "query", words: "1: Patroni's names, too")]
        case .operation:
            [Parameter(name: "number", place: "path", words: "the number of the operation")]
        }
    }

    /// The types of an answer that is no error.
    var contentTypes: [String] {
        switch self {
        case .list: ["text/plain", "text/html"]
        case .events: ["text/event-stream"]
        case .metrics: ["text/plain", "application/openmetrics-text"]
        case .explain: ["text/plain", "application/json"]
        case .ping, .state, .restore, .health, .patroni, .cluster, .history, .openAPI,
            .operations, .operation, .order:
            ["application/json"]
        }
    }

    /// Whether 503 comes with the same body as 200.
    var hasBodyWhenUnavailable: Bool {
        switch self {
        case .ping, .health: true
        case .list, .state, .restore, .patroni, .cluster, .history, .explain, .events, .metrics,
            .openAPI, .operations, .operation, .order:
            false
        }
    }

    /// Whether the token is asked for.
    var isForOperators: Bool {
        switch self {
        case .operations, .operation, .order: true
        case .list, .ping, .state, .restore, .health, .patroni, .cluster, .history, .explain,
            .events, .metrics, .openAPI:
            false
        }
    }

    /// The fields of the body that an order needs.
    var bodyFields: [String] {
        switch self {
        case .order(.freeze): ["reason"]
        case .order(.promote), .order(.reap): ["peer"]
        case .order, .list, .ping, .state, .restore, .health, .patroni, .cluster, .history,
            .explain, .events, .metrics, .openAPI, .operations, .operation:
            []
        }
    }
}
