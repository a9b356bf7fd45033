import ManateeCore
import ManateePorts

extension StatusBodies {
    /// `{"restore"}`: null, or the original's `uuid`, `host`, `port`, `done`, `size`, `completed` and
    /// `err` of the copy that goes on or the last one; the rest is added.
    ///
    /// Sizes are texts of decimal digits, as the original has them.
    static func restore(_ status: RestoreStatus?) -> JSONValue {
        .object(["restore": status.map(body) ?? .null])
    }

    private static func body(_ status: RestoreStatus) -> JSONValue {
        let source = status.source.text.split(separator: ":")
        var fields: [String: JSONValue] = [
            "uuid": .string(status.id),
            "host": .string(source.dropLast(2).joined(separator: ":")),
            "port": source.last.flatMap { Int64($0) }.map(JSONValue.integer) ?? .null,
            "size": status.total.map { .string("\($0)") } ?? .null,
            "completed": .string("\(status.completed)"),
            "source": .string(status.source.text),
            "method": .string(status.method.rawValue),
            "bytesPerSecond": status.bytesPerSecond.map(JSONValue.integer) ?? .null,
        ]
        switch status.outcome {
        case .running: fields["done"] = .boolean(false)
        case .done: fields["done"] = .boolean(true)
        case .failed(let reason):
            fields["done"] = .string("failed")
            fields["err"] = .string(reason)
            fields["cause"] = status.cause.map(JSONValue.string) ?? .null
        }
        return .object(fields)
    }
}
