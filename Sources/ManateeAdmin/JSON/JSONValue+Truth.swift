import ManateeCore

extension JSONValue {
    /// Whether JavaScript, in which the first Manatee is written, takes the value for true.
    var isTruthy: Bool {
        switch self {
        case .null: false
        case .boolean(let flag): flag
        case .integer(let number): number != 0
        case .number(let number): number != 0 && !number.isNaN
        case .string(let text): !text.isEmpty
        case .array, .object: true
        }
    }
}
