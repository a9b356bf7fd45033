import ManateeCore

/// The reigns that a cluster state tells of, oldest first: an addition to the original's fields.
enum ReignFields {
    static func read(_ name: String, _ fields: inout FieldReader) throws(WireError) -> [Reign] {
        guard let value = fields.takePresent(name) else { return [] }
        guard case .array(let elements) = value else {
            throw fields.failure(name, value, "a list of reigns")
        }
        var reigns: [Reign] = []
        for (index, element) in elements.enumerated() {
            let path = fields.place("\(name)[\(index)]")
            reigns.append(try read(FieldReader(element, document: fields.document, path: path)))
        }
        return reigns
    }

    private static func read(_ reader: FieldReader) throws(WireError) -> Reign {
        var fields = reader
        let generation = try fields.integer("generation", in: 0...Int64(Int.max))
        return Reign(
            generation: Generation(Int(generation)),
            primary: PeerID(try fields.text("primary")),
            initWAL: try fields.logPosition("initWal"),
            timeline: try fields.timeline("timeline")
        )
    }

    static func node(_ reign: Reign) -> WireNode {
        var known: [(name: String, node: WireNode)] = [
            ("generation", .integer(reign.generation.number)),
            ("primary", .text(reign.primary.text)),
            ("initWal", .text(LogPosition.text(reign.initWAL))),
        ]
        if let timeline = reign.timeline {
            known.append(("timeline", .integer(Int(timeline.number))))
        }
        return .object(known, unknown: [:])
    }
}
