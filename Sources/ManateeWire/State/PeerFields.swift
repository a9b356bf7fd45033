import ManateeCore

/// A peer as it stands in the cluster state.
enum PeerFields {
    static func read(
        _ value: JSONValue,
        document: String,
        path: String
    ) throws(WireError) -> Peer {
        var fields = try FieldReader(value, document: document, path: path)
        return Peer(
            id: PeerID(try fields.text("id")),
            ip: try fields.text("ip"),
            postgresURL: try fields.text("pgUrl"),
            zoneID: try fields.text("zoneId"),
            backupURL: try fields.optionalText("backupUrl"),
            heartbeatPort: try fields.optionalInteger("heartbeatPort", in: 1...65_535)
                .map { Int($0) },
            unknownFields: fields.rest
        )
    }

    static func node(_ peer: Peer) -> WireNode {
        var known: [(name: String, node: WireNode)] = [
            ("id", .text(peer.id.text)),
            ("ip", .text(peer.ip)),
            ("pgUrl", .text(peer.postgresURL)),
            ("zoneId", .text(peer.zoneID)),
        ]
        if let url = peer.backupURL { known.append(("backupUrl", .text(url))) }
        if let port = peer.heartbeatPort { known.append(("heartbeatPort", .integer(port))) }
        return .object(known, unknown: peer.unknownFields)
    }
}
