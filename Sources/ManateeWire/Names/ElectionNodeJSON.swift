package import ManateeCore

/// A peer as its election node holds it; its id is in the node's name.
package enum ElectionNodeJSON {
    /// Reads a peer; what a sitter of Manatee 1 left out is derived from the id.
    ///
    /// - Parameters:
    ///   - bytes: the node's data.
    ///   - id: the peer's id, from the node's name.
    /// - Returns: the peer, with its unknown fields.
    /// - Throws: `WireError` that names the field.
    package static func decode(_ bytes: [UInt8], id: PeerID) throws(WireError) -> Peer {
        let document = "the election entry of \(id)"
        let value = try JSONText.parse(bytes, document: document)
        var fields = try FieldReader(value, document: document)
        let ip = try fields.optionalText("ip")
        let address = PeerAddress(id, ip: ip)
        // The name counts: an id in the data would contradict it or say the same.
        _ = fields.take("id")
        return Peer(
            id: id,
            ip: ip ?? address.ip,
            postgresURL: try fields.optionalText("pgUrl") ?? address.postgresURL,
            zoneID: try fields.text("zoneId"),
            backupURL: try fields.optionalText("backupUrl") ?? address.backupURL,
            heartbeatPort: try fields.optionalInteger("heartbeatPort", in: 1...65_535)
                .map { Int($0) },
            unknownFields: fields.rest
        )
    }

    /// The field by which a peer says that it lacks room; an original Manatee ignores it.
    private static let shortageField = "noSpace"

    /// What a peer that `decode` read says of its lack of room, in words; nil if it has room.
    package static func shortage(of peer: Peer) -> String? {
        peer.unknownFields[shortageField]?.text
    }

    /// Writes the data of the peer's election node, with its lack of room in words if there is one.
    package static func encode(_ peer: Peer, shortage: String? = nil) -> [UInt8] {
        var known: [(name: String, node: WireNode)] = [
            ("zoneId", .text(peer.zoneID)),
            ("ip", .text(peer.ip)),
            ("pgUrl", .text(peer.postgresURL)),
        ]
        if let url = peer.backupURL { known.append(("backupUrl", .text(url))) }
        if let port = peer.heartbeatPort { known.append(("heartbeatPort", .integer(port))) }
        if let shortage { known.append((shortageField, .text(shortage))) }
        var writer = JSONWriter()
        writer.append(.object(known, unknown: peer.unknownFields))
        return writer.bytes
    }
}
