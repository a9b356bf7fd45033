/// A JSON value that this version does not interpret but must not lose (rule S11).
package enum JSONValue: Hashable, Sendable {
    /// `null`.
    case null
    /// `true` or `false`.
    case boolean(Bool)
    /// A number without fraction that fits 64 bits.
    case integer(Int64)
    /// Any other number.
    case number(Double)
    /// A text.
    case string(String)
    /// A list.
    case array([JSONValue])
    /// Named values; their order carries no meaning.
    case object([String: JSONValue])

    /// The value called `name`, if this is an object that has it.
    package subscript(_ name: String) -> JSONValue? {
        if case .object(let members) = self { members[name] } else { nil }
    }

    /// The text, if this is one.
    package var text: String? {
        if case .string(let text) = self { text } else { nil }
    }
}
