import HTTPTypes
import ManateeCore

/// The description of this server for programs, made from the routes themselves.
enum OpenAPI {
    /// The document, OpenAPI 3.0.3.
    static func document(version: String) -> JSONValue {
        var paths: [String: [String: JSONValue]] = [:]
        for route in Route.all {
            for path in route.paths { paths[path, default: [:]].merge(item(route)) { $1 } }
        }
        return .object([
            "openapi": .string("3.0.3"),
            "info": .object([
                "title": .string("Manatee sitter"),
                "version": .string(version),
                "description": .string(
                    "The state of one peer of a PostgreSQL shard, health for load balancers, and operations."
                ),
            ]),
            "paths": .object(paths.mapValues(JSONValue.object)),
            "components": .object([
                "securitySchemes": .object([
                    "token": .object([
                        "type": .string("http"), "scheme": .string("bearer"),
                    ])
                ]),
                "schemas": .object(["Error": error]),
            ]),
        ])
    }

    private static let error: JSONValue = .object([
        "type": .string("object"),
        "required": .array([.string("code"), .string("message")]),
        "properties": .object([
            "code": .object(["type": .string("string")]),
            "message": .object(["type": .string("string")]),
        ]),
    ])

    private static func item(_ route: Route) -> [String: JSONValue] {
        var item: [String: JSONValue] = [:]
        for method in route.methods {
            var operation: [String: JSONValue] = [
                "summary": .string(route.summary),
                "responses": .object(
                    Dictionary(
                        uniqueKeysWithValues: route.statuses(method).map { status in
                            (String(status), response(status, route, method))
                        }
                    )
                ),
            ]
            let parameters = route.parameters
            if !parameters.isEmpty { operation["parameters"] = .array(parameters.map(parameter)) }
            if route.isForOperators {
                operation["security"] = .array([.object(["token": .array([])])])
            }
            if method == .post { operation["requestBody"] = body(route) }
            item[method.rawValue.lowercased()] = .object(operation)
        }
        return item
    }

    private static func response(
        _ status: Int,
        _ route: Route,
        _ method: HTTPRequest.Method
    ) -> JSONValue {
        var response: [String: JSONValue] = ["description": .string(words(status))]
        guard method == .get || method == .post else { return .object(response) }
        let isError = status >= 400 && !(status == 503 && route.hasBodyWhenUnavailable)
        let types = isError ? ["application/json"] : route.contentTypes
        let schema: JSONValue =
            isError
            ? .object(["$ref": .string("#/components/schemas/Error")]) : .object([:])
        response["content"] = .object(
            Dictionary(uniqueKeysWithValues: types.map { ($0, .object(["schema": schema])) })
        )
        if status == 202 {
            response["headers"] = .object([
                "Location": .object(["schema": .object(["type": .string("string")])])
            ])
        }
        return .object(response)
    }

    private static func words(_ status: Int) -> String {
        switch status {
        case 200: "The answer, or: yes."
        case 202: "Begun; the operation is at Location."
        case 400: "The request cannot be understood."
        case 401: "No token, or another one."
        case 403: "No token is configured, so nobody may."
        case 404: "There is none."
        case 408: "The body did not arrive in time."
        case 409: "Too many operations are under way."
        case 412: "Not possible now."
        case 413: "The body is too long."
        case 503: "No, or not known yet."
        case _: "\(status)"
        }
    }

    private static func parameter(_ parameter: Route.Parameter) -> JSONValue {
        .object([
            "name": .string(parameter.name),
            "in": .string(parameter.place),
            "required": .boolean(parameter.place == "path"),
            "description": .string(parameter.words),
            "schema": .object(["type": .string("string")]),
        ])
    }

    private static func body(_ route: Route) -> JSONValue {
        let fields = route.bodyFields
        return .object([
            "required": .boolean(!fields.isEmpty),
            "content": .object([
                "application/json": .object([
                    "schema": .object([
                        "type": .string("object"),
                        "additionalProperties": .boolean(false),
                        "required": .array(fields.map(JSONValue.string)),
                        "properties": .object(
                            Dictionary(
                                uniqueKeysWithValues: fields.map {
                                    ($0, .object(["type": .string("string")]))
                                }
                            )
                        ),
                    ])
                ])
            ]),
        ])
    }
}
