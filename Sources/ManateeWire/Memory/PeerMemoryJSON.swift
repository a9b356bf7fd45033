package import ManateeCore

/// A peer's memory as its file holds it, with the shard and the peer that it belongs to.
package struct PeerMemoryJSON: Equatable, Sendable {
    /// The version of the format that is written, and the only one that is read.
    package static let formatVersion: Int64 = 1

    /// The shard's directory in the store, for example `/manatee/1.moray`.
    package var shard: String
    /// The peer that remembers.
    package var peer: PeerID
    /// What it remembers.
    package var memory: PeerMemory

    /// The memory of `peer` in `shard`.
    package init(shard: String, peer: PeerID, memory: PeerMemory) {
        self.shard = shard
        self.peer = peer
        self.memory = memory
    }

    private static let document = "the peer's memory"

    /// Reads a memory.
    ///
    /// - Throws: `WireError` that names the field.
    package init(decoding bytes: [UInt8]) throws(WireError) {
        let value = try JSONText.parse(bytes, document: Self.document)
        var fields = try FieldReader(value, document: Self.document)
        let version = fields.take("version")
        guard version == .integer(Self.formatVersion) else {
            throw fields.failure("version", version, "\(Self.formatVersion)")
        }
        shard = try fields.text("shard")
        peer = PeerID(try fields.text("peer"))
        memory = PeerMemory()
        if fields.rest["adopted"] != nil {
            var adopted = try fields.fields("adopted")
            let version = try adopted.integer("version", in: 0...Int64.max)
            let state = try ClusterStateJSON.decode(adopted.fields("state"))
            memory.adopted = VersionedState(state, version: StateVersion(version))
        }
        if fields.rest["proposed"] != nil {
            memory.proposed = try ClusterStateJSON.decode(fields.fields("proposed"))
        }
        memory.systemIdentifier = try Self.systemIdentifier(&fields)
    }

    /// The JSON of this memory, with a newline at its end.
    package var encoded: [UInt8] {
        var members: [(name: String, node: WireNode)] = [
            ("version", WireNode(.integer(Self.formatVersion))),
            ("shard", .text(shard)),
            ("peer", .text(peer.text)),
        ]
        if let adopted = memory.adopted {
            let version = WireNode(.integer(adopted.version.number))
            let state = ClusterStateJSON.node(adopted.state)
            members.append(("adopted", .object([("version", version), ("state", state)])))
        }
        if let proposed = memory.proposed {
            members.append(("proposed", ClusterStateJSON.node(proposed)))
        }
        if let identifier = memory.systemIdentifier {
            members.append(("systemIdentifier", .text(identifier.description)))
        }
        var writer = JSONWriter()
        writer.append(.object(members))
        return writer.bytes + [UInt8(ascii: "\n")]
    }

    /// A text, because it takes all of 64 bits without a sign.
    private static func systemIdentifier(
        _ fields: inout FieldReader
    ) throws(WireError) -> SystemIdentifier? {
        let value = fields.take("systemIdentifier")
        guard let value else { return nil }
        guard let number = value.text.flatMap({ UInt64($0) }) else {
            throw fields.failure("systemIdentifier", value, "a text of decimal digits")
        }
        return SystemIdentifier(number)
    }
}
