package import ManateeCore
package import ManateeJournal

/// A peer's records of role changes as their file holds them, with the shard and the peer that they
/// belong to.
package struct RoleChangeListJSON: Equatable, Sendable {
    /// The version of the format that is written, and the only one that is read.
    package static let formatVersion: Int64 = 1

    /// The shard's directory in the store, for example `/manatee/1.moray`.
    package var shard: String
    /// The peer that keeps the records.
    package var peer: PeerID
    /// The records, oldest first.
    package var records: [RoleChangeRecord]

    /// The records of `peer` in `shard`.
    package init(shard: String, peer: PeerID, records: [RoleChangeRecord]) {
        self.shard = shard
        self.peer = peer
        self.records = records
    }

    private static let document = "the records of role changes"

    /// Reads a file.
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
        records = try Self.records(of: &fields, named: "records")
    }

    /// The records that a sitter tells at `/history?format=manatee`.
    ///
    /// - Throws: `WireError` that names the field.
    package static func told(_ bytes: [UInt8]) throws(WireError) -> [RoleChangeRecord] {
        let value = try JSONText.parse(bytes, document: "the sitter's history")
        var fields = try FieldReader(value, document: "the sitter's history")
        return try records(of: &fields, named: "roleChanges")
    }

    /// The JSON of these records, with a newline at its end.
    package var encoded: [UInt8] {
        let value = JSONValue.object([
            "version": .integer(Self.formatVersion), "shard": .string(shard),
            "peer": .string(peer.text),
            "records": .array(records.map(RoleChangeRecordJSON.value)),
        ])
        return JSONText.write(value) + [UInt8(ascii: "\n")]
    }

    private static func records(
        of fields: inout FieldReader,
        named name: String
    ) throws(WireError) -> [RoleChangeRecord] {
        let value = fields.take(name)
        guard case .array(let items)? = value else { throw fields.failure(name, value, "a list") }
        var records: [RoleChangeRecord] = []
        for (index, item) in items.enumerated() {
            records.append(
                try RoleChangeRecordJSON.decode(
                    item,
                    document: fields.document,
                    path: "\(name)[\(index)]"
                )
            )
        }
        return records
    }
}
