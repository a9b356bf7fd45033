package import ManateeCore

/// The cluster state as `state` and the entries of `history` hold it.
///
/// Reading is as lenient as the original's, and unknown fields are kept, at the top and inside
/// peers and the handover. Whether the state makes sense (each peer in one place, a sync where there must be one) is
/// for the core to judge. Writing gives exactly the original's fields, in its order, then
/// `initTimeline`, `timeline`, `reigns` and `handover` if there is something to say, then the unknown
/// ones by name.
package enum ClusterStateJSON {
    /// Reads a cluster state.
    ///
    /// - Parameters:
    ///   - bytes: the JSON.
    ///   - document: what it is, for errors.
    /// - Returns: the state, with its unknown fields.
    /// - Throws: `WireError` that names the field.
    package static func decode(
        _ bytes: [UInt8],
        document: String = "the cluster state"
    ) throws(WireError) -> ClusterState {
        try decode(JSONText.parse(bytes, document: document), document: document)
    }

    /// Reads a cluster state that is JSON already.
    ///
    /// - Throws: `WireError` that names the field.
    package static func decode(
        _ value: JSONValue,
        document: String = "the cluster state"
    ) throws(WireError) -> ClusterState {
        try decode(FieldReader(value, document: document))
    }

    static func decode(_ reader: FieldReader) throws(WireError) -> ClusterState {
        var fields = reader
        let generation = try fields.integer("generation", in: 0...Int64(Int.max))
        let oneNodeWriteMode = try flag("oneNodeWriteMode", &fields)
        return ClusterState(
            generation: Generation(Int(generation)),
            primary: try peer("primary", &fields),
            sync: try sync(&fields),
            async: try peers("async", &fields, mayBeMissing: false),
            deposed: try peers("deposed", &fields, mayBeMissing: true),
            initWAL: try fields.logPosition("initWal"),
            initTimeline: try fields.timeline("initTimeline"),
            timeline: try fields.timeline("timeline"),
            reigns: try ReignFields.read("reigns", &fields),
            freeze: freeze(fields.take("freeze")),
            oneNodeWriteMode: oneNodeWriteMode,
            promote: fields.takePresent("promote"),
            handover: try HandoverFields.read("handover", &fields),
            unknownFields: fields.rest
        )
    }

    /// Writes a cluster state: compact UTF-8 without a newline at its end.
    package static func encode(_ state: ClusterState) -> [UInt8] {
        var writer = JSONWriter()
        writer.append(node(state))
        return writer.bytes
    }

    static func node(_ state: ClusterState) -> WireNode {
        var known: [(name: String, node: WireNode)] = [
            ("generation", .integer(state.generation.number)),
            ("primary", PeerFields.node(state.primary)),
            ("sync", state.sync.map(PeerFields.node) ?? WireNode(.null)),
            ("async", .array(state.async.map(PeerFields.node))),
            ("deposed", .array(state.deposed.map(PeerFields.node))),
            ("initWal", .text(LogPosition.text(state.initWAL))),
        ]
        for (name, timeline) in [
            ("initTimeline", state.initTimeline), ("timeline", state.timeline),
        ] {
            guard let timeline else { continue }
            known.append((name, .integer(Int(timeline.number))))
        }
        if !state.reigns.isEmpty {
            known.append(("reigns", .array(state.reigns.map(ReignFields.node))))
        }
        if let freeze = state.freeze { known.append(("freeze", node(freeze))) }
        if state.oneNodeWriteMode { known.append(("oneNodeWriteMode", WireNode(.boolean(true)))) }
        if let promote = state.promote { known.append(("promote", WireNode(promote))) }
        if let handover = state.handover {
            known.append(("handover", HandoverFields.node(handover)))
        }
        return .object(known, unknown: state.unknownFields)
    }

    // MARK: Fields

    private static func peer(
        _ name: String,
        _ fields: inout FieldReader
    ) throws(WireError) -> Peer {
        guard let value = fields.take(name) else { throw fields.failure(name, nil, "a peer") }
        return try PeerFields.read(value, document: fields.document, path: fields.place(name))
    }

    /// Null stands for no sync; the field itself must be there.
    private static func sync(_ fields: inout FieldReader) throws(WireError) -> Peer? {
        guard let value = fields.take("sync") else {
            throw fields.failure("sync", nil, "a peer or null")
        }
        guard value != .null else { return nil }
        return try PeerFields.read(value, document: fields.document, path: fields.place("sync"))
    }

    private static func peers(
        _ name: String,
        _ fields: inout FieldReader,
        mayBeMissing: Bool
    ) throws(WireError) -> [Peer] {
        let value = fields.take(name)
        if mayBeMissing && (value == nil || value == .null) { return [] }
        guard case .array(let elements)? = value else {
            throw fields.failure(name, value, "a list of peers")
        }
        var peers: [Peer] = []
        for (index, element) in elements.enumerated() {
            let path = fields.place("\(name)[\(index)]")
            peers.append(try PeerFields.read(element, document: fields.document, path: path))
        }
        return peers
    }

    private static func flag(
        _ name: String,
        _ fields: inout FieldReader
    ) throws(WireError) -> Bool {
        guard let value = fields.takePresent(name) else { return false }
        guard case .boolean(let flag) = value else {
            throw fields.failure(name, value, "true or false")
        }
        return flag
    }

    /// Everything but nothing, null and false freezes: in doubt nobody changes roles (rule S11).
    private static func freeze(_ value: JSONValue?) -> Freeze? {
        switch value {
        case nil, .null, .boolean(false): nil
        case .object(let fields): .explained(fields)
        case .some(let other): .bare(other)
        }
    }

    private static func node(_ freeze: Freeze) -> WireNode {
        switch freeze {
        case .bare(let value):
            return WireNode(value)
        case .explained(let fields):
            let known: [(name: String, node: WireNode)] = ["date", "reason"].compactMap { name in
                fields[name].map { (name, WireNode($0)) }
            }
            return .object(known, unknown: fields)
        }
    }
}
