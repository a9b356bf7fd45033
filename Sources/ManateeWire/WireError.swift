/// Why something that is persisted cannot be understood, or cannot be written.
package enum WireError: Error, Equatable, Sendable, CustomStringConvertible {
    /// It is not JSON: where, in bytes from its beginning, what is there, and what should be.
    case syntax(document: String, offset: Int, found: String, expected: String)
    /// It is JSON, but a field is not as it must be; an empty `field` means the whole.
    case field(document: String, field: String, found: String, expected: String)
    /// It is larger than the store takes.
    case tooLarge(document: String, bytes: Int, limit: Int)

    /// What was read, which field, what was found there, and what was expected.
    package var description: String {
        switch self {
        case .syntax(let document, let offset, let found, let expected):
            "\(document) is not JSON: at byte \(offset) found \(found), expected \(expected)"
        case .field(let document, let field, let found, let expected):
            field.isEmpty
                ? "\(document): found \(found), expected \(expected)"
                : "\(document): \(field): found \(found), expected \(expected)"
        case .tooLarge(let document, let bytes, let limit):
            "\(document) is too large: \(bytes) bytes, at most \(limit) are possible"
        }
    }
}
