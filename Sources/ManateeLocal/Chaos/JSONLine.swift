import Foundation

/// Values as lines of JSON, their names in order.
enum JSONLine {
    /// - Parameter value: words and finite numbers, which can always be encoded.
    /// - Returns: the line, without its end.
    static func of(_ value: some Encodable) -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        // See the parameter.
        return (try? encoder.encode(value)).map { String(decoding: $0, as: UTF8.self) } ?? "{}"
    }
}
