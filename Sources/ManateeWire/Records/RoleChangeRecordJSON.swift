package import ManateeCore
package import ManateeJournal

/// The record of a role change as JSON: what a sitter tells of it, keeps of it, and what the tool shows.
package enum RoleChangeRecordJSON {
    /// More than any change takes, in milliseconds: beyond it a number is a mistake.
    private static let longest = 1e15

    /// The record; its phases add up to `milliseconds`.
    package static func value(_ record: RoleChangeRecord) -> JSONValue {
        .object([
            "kind": .string(record.kind.rawValue),
            "role": .string(record.role.rawValue),
            "generation": .integer(Int64(record.generation.number)),
            "began": .string(record.began.description),
            "milliseconds": milliseconds(record.whole),
            "signs": .array(
                record.signs.map {
                    .object([
                        "cause": .string($0.cause.description),
                        "afterMilliseconds": milliseconds($0.after),
                    ])
                }
            ),
            "phases": .array(
                record.segments.map {
                    .object([
                        "phase": .string($0.phase.rawValue),
                        "milliseconds": milliseconds($0.duration),
                    ])
                }
            ),
            "obstacles": .array(record.obstacles.map(JSONValue.string)),
        ])
    }

    /// Reads a record; the whole is made of the phases again.
    ///
    /// - Parameters:
    ///   - value: the record.
    ///   - document: what it is part of, for errors.
    ///   - path: where it lies in the document.
    /// - Returns: the record.
    /// - Throws: `WireError` that names the field.
    package static func decode(
        _ value: JSONValue,
        document: String,
        path: String
    ) throws(WireError) -> RoleChangeRecord {
        var fields = try FieldReader(value, document: document, path: path)
        let began = fields.take("began")
        guard let moment = began?.text.flatMap({ WallTime($0) }) else {
            throw fields.failure("began", began, "a time")
        }
        var signs: [RoleChangeRecord.Sign] = []
        for var sign in try objects("signs", &fields) {
            let cause = DetectionCause(try sign.text("cause"))
            signs.append(.init(cause, after: try duration("afterMilliseconds", &sign)))
        }
        var segments: [RoleChangeRecord.Segment] = []
        for var segment in try objects("phases", &fields) {
            let phase: FailoverPhase = try name("phase", &segment)
            segments.append(.init(phase, try duration("milliseconds", &segment)))
        }
        var obstacles: [String] = []
        for obstacle in try list("obstacles", &fields) {
            guard let text = obstacle.text else {
                throw fields.failure("obstacles", obstacle, "texts")
            }
            obstacles.append(text)
        }
        return RoleChangeRecord(
            kind: try name("kind", &fields),
            role: try name("role", &fields),
            generation: Generation(Int(try fields.integer("generation", in: 0...Int64.max))),
            began: moment,
            signs: signs,
            segments: segments,
            obstacles: obstacles
        )
    }

    /// The duration in milliseconds, to the microsecond.
    private static func milliseconds(_ duration: Duration) -> JSONValue {
        .number((duration / .microseconds(1)).rounded() / 1000)
    }

    private static func duration(
        _ name: String,
        _ fields: inout FieldReader
    ) throws(WireError) -> Duration {
        let value = fields.take(name)
        let number: Double? =
            switch value {
            case .integer(let number): Double(number)
            case .number(let number): number
            case nil, .null, .boolean, .string, .array, .object: nil
            }
        guard let number, (0...longest).contains(number) else {
            throw fields.failure(name, value, "a number of milliseconds")
        }
        return .microseconds(Int64((number * 1000).rounded()))
    }

    private static func name<Name: RawRepresentable & CaseIterable>(
        _ field: String,
        _ fields: inout FieldReader
    ) throws(WireError) -> Name where Name.RawValue == String {
        let value = fields.take(field)
        guard let name = value?.text.flatMap({ Name(rawValue: $0) }) else {
            let names = Name.allCases.map(\.rawValue).joined(separator: ", ")
            throw fields.failure(field, value, "one of \(names)")
        }
        return name
    }

    private static func list(
        _ name: String,
        _ fields: inout FieldReader
    ) throws(WireError) -> [JSONValue] {
        let value = fields.take(name)
        guard case .array(let items)? = value else { throw fields.failure(name, value, "a list") }
        return items
    }

    private static func objects(
        _ name: String,
        _ fields: inout FieldReader
    ) throws(WireError) -> [FieldReader] {
        var readers: [FieldReader] = []
        for (index, item) in try list(name, &fields).enumerated() {
            let place = "\(fields.place(name))[\(index)]"
            readers.append(try FieldReader(item, document: fields.document, path: place))
        }
        return readers
    }
}
