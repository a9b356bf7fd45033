/// An operator's order that nobody changes roles.
package enum Freeze: Hashable, Sendable {
    /// Frozen by an old tool that left no reason: any truthy value but an object.
    case bare(JSONValue)
    /// Frozen with at least one of date and reason; unknown fields are kept.
    case explained([String: JSONValue])

    /// When the order was given, as ISO 8601, if it says so.
    package var date: String? {
        switch self {
        case .bare: nil
        case .explained(let fields): fields["date"]?.text
        }
    }

    /// Why the order was given, if it says so.
    package var reason: String? {
        switch self {
        case .bare: nil
        case .explained(let fields): fields["reason"]?.text
        }
    }
}
