/// One postgres with its sitter, as the cluster state and the election describe it.
///
/// Peers are compared by `id` only: the other fields may change when a peer is reconfigured.
package struct Peer: Hashable, Sendable, CustomStringConvertible {
    /// `ip:postgresPort:backupPort`.
    package var id: PeerID
    /// The address on which the peer's postgres listens.
    package var ip: String
    /// `tcp://USER@HOST:PORT/DATABASE` of the peer's postgres.
    package var postgresURL: String
    /// The name by which operators know the peer; a zone's UUID or a host name.
    package var zoneID: String
    /// The base URL of the peer's backup server; some early states lack it.
    package var backupURL: String?
    /// The port on which the peer's sitter says that it lives; nil if it does not say.
    package var heartbeatPort: Int?
    /// Fields that this version does not know, kept through every write.
    package var unknownFields: [String: JSONValue]

    /// The peer that these fields describe.
    package init(
        id: PeerID,
        ip: String,
        postgresURL: String,
        zoneID: String,
        backupURL: String?,
        heartbeatPort: Int? = nil,
        unknownFields: [String: JSONValue] = [:]
    ) {
        self.id = id
        self.ip = ip
        self.postgresURL = postgresURL
        self.zoneID = zoneID
        self.backupURL = backupURL
        self.heartbeatPort = heartbeatPort
        self.unknownFields = unknownFields
    }

    /// The first eight characters of the zone's name: enough to tell peers apart in a table.
    package var label: String { String(zoneID.prefix(8)) }

    /// Whether both describe the same peer.
    package static func == (left: Peer, right: Peer) -> Bool { left.id == right.id }

    /// Feeds the identity only, as `==` compares it.
    package func hash(into hasher: inout Hasher) { hasher.combine(id) }

    /// The peer's identity.
    package var description: String { id.description }
}
