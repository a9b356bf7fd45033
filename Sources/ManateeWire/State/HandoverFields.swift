import ManateeCore

/// A planned change of primary in a cluster state: an addition to the original's fields.
enum HandoverFields {
    static func read(_ name: String, _ fields: inout FieldReader) throws(WireError) -> Handover? {
        guard let value = fields.takePresent(name) else { return nil }
        let path = fields.place(name)
        return try read(FieldReader(value, document: fields.document, path: path))
    }

    private static func read(_ reader: FieldReader) throws(WireError) -> Handover {
        var fields = reader
        let generation = try fields.integer("generation", in: 0...Int64(Int.max))
        return Handover(
            from: PeerID(try fields.text("from")),
            to: PeerID(try fields.text("to")),
            generation: Generation(Int(generation)),
            expireTime: try time("expireTime", &fields),
            final: try final(&fields),
            unknownFields: fields.rest
        )
    }

    private static func time(
        _ name: String,
        _ fields: inout FieldReader
    ) throws(WireError) -> WallTime {
        let text = try fields.text(name)
        guard let time = WallTime(text) else {
            throw fields.failure(name, .string(text), "a time in UTC, as ISO 8601")
        }
        return time
    }

    /// Where the primary's log ends: both members, or none as long as it runs.
    private static func final(_ fields: inout FieldReader) throws(WireError) -> WALPosition? {
        let timeline = try fields.timeline("finalTimeline")
        guard fields.rest["finalWal"].map({ $0 != .null }) ?? false else {
            guard let timeline else { return nil }
            let found = JSONValue.integer(Int64(timeline.number))
            throw fields.failure("finalTimeline", found, "finalWal beside it")
        }
        let lsn = try fields.logPosition("finalWal")
        guard let timeline else {
            throw fields.failure("finalTimeline", nil, "the timeline of finalWal")
        }
        return WALPosition(timeline: timeline, lsn: lsn)
    }

    static func node(_ handover: Handover) -> WireNode {
        var known: [(name: String, node: WireNode)] = [
            ("from", .text(handover.from.text)),
            ("to", .text(handover.to.text)),
            ("generation", .integer(handover.generation.number)),
            ("expireTime", .text("\(handover.expireTime)")),
        ]
        if let final = handover.final {
            known.append(("finalWal", .text(LogPosition.text(final.lsn))))
            known.append(("finalTimeline", .integer(Int(final.timeline.number))))
        }
        return .object(known, unknown: handover.unknownFields)
    }
}
