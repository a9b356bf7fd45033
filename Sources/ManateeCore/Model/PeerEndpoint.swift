/// Where a peer's postgres listens, by its URL `tcp://USER@HOST:PORT/DATABASE`; by its address and
/// id if the URL does not say.
package struct PeerEndpoint: Equatable, Sendable {
    /// The host's name or address, without brackets.
    package let host: String
    /// The port; 5432 if nothing says otherwise.
    package let port: Int

    /// Where `peer` listens.
    package init(_ peer: Peer) {
        var authority = peer.postgresURL.split(separator: "//", maxSplits: 1).last ?? ""
        authority = authority.prefix { $0 != "/" && $0 != "?" }
        if let at = authority.lastIndex(of: "@") { authority = authority[at...].dropFirst() }
        let colon = authority.lastIndex(of: ":")
        let isPortColon = colon.map { !authority[$0...].contains("]") } ?? false
        let host = isPortColon ? authority[..<(colon ?? authority.endIndex)] : authority
        let port = isPortColon ? colon.flatMap { Int(authority[$0...].dropFirst()) } : nil
        let bare = host.hasPrefix("[") ? host.dropFirst().prefix { $0 != "]" } : host
        self.host = bare.isEmpty ? peer.ip : String(bare)
        self.port = port ?? Self.port(of: peer.id) ?? 5432
    }

    /// The id ends in `:postgresPort:backupPort`.
    private static func port(of id: PeerID) -> Int? {
        let parts = id.text.split(separator: ":")
        return parts.count >= 3 ? Int(parts[parts.count - 2]) : nil
    }
}
