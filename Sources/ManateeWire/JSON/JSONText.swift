package import ManateeCore

/// JSON as text: compact UTF-8, with numbers of 64 bits kept exact.
///
/// Foundation's coders are not used because they turn large numbers into doubles, cannot keep the
/// order of fields, and do not say where a text is wrong.
package enum JSONText {
    /// The most that is read: the size of the largest node that ZooKeeper keeps by default, in bytes.
    package static let maximumBytes = 1_048_576
    /// How deep arrays and objects may lie in each other: far more than any state needs, and few
    /// enough for any stack.
    package static let maximumDepth = 128

    /// Reads one value.
    ///
    /// Of members with the same name the last one counts, as in the original.
    ///
    /// - Parameters:
    ///   - bytes: the text, at most `maximumBytes`.
    ///   - document: what the text is, for errors: for example "the cluster state".
    /// - Returns: the value.
    /// - Throws: `syntax` or `tooLarge`.
    package static func parse(
        _ bytes: [UInt8],
        document: String
    ) throws(WireError) -> JSONValue {
        guard bytes.count <= maximumBytes else {
            throw .tooLarge(document: document, bytes: bytes.count, limit: maximumBytes)
        }
        var parser = JSONParser(bytes: bytes, document: document)
        return try parser.document()
    }

    /// Writes `value` without any white space, members ordered by name, slashes not escaped.
    package static func write(_ value: JSONValue) -> [UInt8] {
        var writer = JSONWriter()
        writer.append(WireNode(value))
        return writer.bytes
    }

    /// The same as text.
    package static func text(_ value: JSONValue) -> String {
        String(decoding: write(value), as: UTF8.self)
    }

    /// What kind of value this is, and a short form of it, as errors name it.
    static func found(_ value: JSONValue?) -> String {
        switch value {
        case nil: "nothing"
        case .null: "null"
        case .boolean(let flag): flag ? "true" : "false"
        case .integer, .number: "the number \(shortened(value))"
        case .string: "the text \(shortened(value))"
        case .array: "a list"
        case .object: "an object"
        }
    }

    /// The longest excerpt of a value that an error shows, in characters.
    private static let excerptLength = 80

    private static func shortened(_ value: JSONValue?) -> String {
        let whole = text(value ?? .null)
        return whole.count > excerptLength ? whole.prefix(excerptLength) + "..." : whole
    }
}
