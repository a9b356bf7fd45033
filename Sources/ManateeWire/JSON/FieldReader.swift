import ManateeCore

/// The members of one JSON object, read by name, with errors that say which one is wrong.
struct FieldReader {
    /// What the object is part of, for errors.
    let document: String
    /// Where it lies in the document, for example `async[1]`; empty at the top.
    let path: String
    /// The members that nobody has read yet.
    private(set) var rest: [String: JSONValue]

    init(_ value: JSONValue, document: String, path: String = "") throws(WireError) {
        guard case .object(let members) = value else {
            throw .field(
                document: document,
                field: path,
                found: JSONText.found(value),
                expected: "an object"
            )
        }
        self.document = document
        self.path = path
        rest = members
    }

    /// The member, which counts as read; nil if there is none.
    mutating func take(_ name: String) -> JSONValue? { rest.removeValue(forKey: name) }

    /// As `take`, with `null` as good as nothing.
    mutating func takePresent(_ name: String) -> JSONValue? {
        let value = take(name)
        return value == .null ? nil : value
    }

    mutating func text(_ name: String) throws(WireError) -> String {
        let value = take(name)
        guard let text = value?.text else { throw failure(name, value, "a text") }
        return text
    }

    mutating func optionalText(_ name: String) throws(WireError) -> String? {
        guard let value = takePresent(name) else { return nil }
        guard let text = value.text else { throw failure(name, value, "a text") }
        return text
    }

    /// A whole number in `range`; nil if there is none.
    mutating func optionalInteger(
        _ name: String,
        in range: ClosedRange<Int64>
    ) throws(WireError) -> Int64? {
        guard let value = takePresent(name) else { return nil }
        guard case .integer(let number) = value, range.contains(number) else {
            throw failure(
                name,
                value,
                range.upperBound == .max
                    ? "a whole number of at least \(range.lowerBound)"
                    : "a whole number from \(range.lowerBound) to \(range.upperBound)"
            )
        }
        return number
    }

    mutating func integer(
        _ name: String,
        in range: ClosedRange<Int64>
    ) throws(WireError) -> Int64 {
        guard let number = try optionalInteger(name, in: range) else {
            throw failure(name, nil, "a whole number")
        }
        return number
    }

    /// A position in the log, which there must be.
    mutating func logPosition(_ name: String) throws(WireError) -> LSN {
        let value = take(name)
        guard let text = value?.text, let lsn = LogPosition.lsn(text) else {
            throw failure(name, value, "a position HEX/HEX, each half of 32 bits")
        }
        return lsn
    }

    /// A timeline; nil if there is none.
    mutating func timeline(_ name: String) throws(WireError) -> TimelineID? {
        try optionalInteger(name, in: 1...Int64(UInt32.max)).map { TimelineID(UInt32($0)) }
    }

    /// The members of the object of this name, to be read.
    mutating func fields(_ name: String) throws(WireError) -> FieldReader {
        guard let value = take(name) else { throw failure(name, nil, "an object") }
        return try FieldReader(value, document: document, path: place(name))
    }

    func place(_ name: String) -> String { path.isEmpty ? name : "\(path).\(name)" }

    func failure(_ name: String, _ found: JSONValue?, _ expected: String) -> WireError {
        .field(
            document: document,
            field: place(name),
            found: JSONText.found(found),
            expected: expected
        )
    }
}
