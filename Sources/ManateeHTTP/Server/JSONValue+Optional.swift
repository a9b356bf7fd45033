import ManateeCore

extension JSONValue {
    /// The number; null for none.
    static func optional(_ number: (some BinaryInteger)?) -> JSONValue {
        number.map { .integer(Int64(clamping: $0)) } ?? .null
    }

    /// The text; null for none.
    static func optional(_ text: String?) -> JSONValue { text.map(JSONValue.string) ?? .null }

    /// The duration in milliseconds, to the microsecond.
    static func milliseconds(_ duration: Duration) -> JSONValue {
        .number((duration / .microseconds(1)).rounded() / 1000)
    }

    /// The duration in milliseconds; null for none.
    static func optional(_ duration: Duration?) -> JSONValue {
        duration.map(milliseconds) ?? .null
    }
}
