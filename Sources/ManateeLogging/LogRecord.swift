import Logging

/// One line of a log before it takes a form.
struct LogRecord: Sendable {
    var time: LogTime
    var level: Logger.Level
    /// The part of the program that logs.
    var label: String
    var message: String
    /// What goes with the message, ordered by name.
    var fields: [LogField]
    var error: String?
}

/// A name and a value that go with a message.
struct LogField: Equatable, Sendable {
    /// What is told: as in JSON, so that numbers stay numbers.
    enum Value: Equatable, Sendable {
        case text(String)
        /// A number or truth value as it is written.
        case word(String)
        case list([Value])
    }

    var name: String
    var value: Value

    /// Flattens nested metadata into dotted names, orders it, and hides secrets.
    static func flatten(_ metadata: Logger.Metadata) -> [LogField] {
        metadata.sorted { $0.key < $1.key }.flatMap { flatten($0.key, $0.value) }
    }

    private static func flatten(_ name: String, _ value: Logger.MetadataValue) -> [LogField] {
        if isSecret(name) { return [LogField(name: name, value: .text("(redacted)"))] }
        switch value {
        case .dictionary(let members):
            return members.sorted { $0.key < $1.key }
                .flatMap { flatten("\(name).\($0.key)", $0.value) }
        case .string, .stringConvertible, .array:
            return [LogField(name: name, value: plain(value))]
        }
    }

    private static func plain(_ value: Logger.MetadataValue) -> Value {
        switch value {
        case .string(let text):
            .text(text)
        case .stringConvertible(let convertible):
            switch convertible {
            case let number as any BinaryInteger: .word("\(number)")
            case let flag as Bool: .word("\(flag)")
            case let number as Double where number.isFinite: .word("\(number)")
            default: .text(convertible.description)
            }
        case .array(let elements):
            .list(elements.map(plain))
        case .dictionary(let members):
            .list(
                members.sorted { $0.key < $1.key }.map { key, value in
                    .text(isSecret(key) ? "\(key)=(redacted)" : "\(key)=\(value)")
                }
            )
        }
    }

    /// Whether a value of this name must not be seen; the name of a file that holds one may.
    private static func isSecret(_ name: String) -> Bool {
        let name = name.lowercased()
        return !name.hasSuffix("file")
            && ["password", "passwd", "secret"].contains { name.contains($0) }
    }
}
