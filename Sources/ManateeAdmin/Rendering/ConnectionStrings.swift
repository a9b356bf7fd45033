import ManateeCore

/// How applications find a cluster's postgres with libpq alone: strings that name all peers.
struct ConnectionStrings: Equatable, Sendable {
    /// The peers in the order in which they replicate.
    var chain: [Peer]
    /// The role to connect as; nil leaves the choice to libpq.
    var user: String?
    /// The database; nil leaves the choice to libpq.
    var database: String?

    /// For reading and writing: libpq passes over every server that does not take writes.
    var readWrite: String { uri(chain, "read-write") }

    /// For reading: libpq takes a standby if there is one.
    ///
    /// The primary comes last, so that no connection is wasted on it.
    var readOnly: String { uri(chain.dropFirst() + chain.prefix(1), "prefer-standby") }

    private func uri(_ peers: some Collection<Peer>, _ attributes: String) -> String {
        let hosts = peers.map { peer in
            let endpoint = PeerEndpoint(peer)
            let host = endpoint.host.contains(":") ? "[\(endpoint.host)]" : endpoint.host
            return "\(host):\(endpoint.port)"
        }
        let user = user.map { Self.escaped($0) + "@" } ?? ""
        let database = database.map { Self.escaped($0) } ?? ""
        return "postgresql://\(user)\(hosts.joined(separator: ","))/\(database)"
            + "?target_session_attrs=\(attributes)"
    }

    /// The text with everything but letters, digits and `-._~` as `%XX`.
    private static func escaped(_ text: String) -> String {
        text.utf8.map { byte in
            let scalar = Unicode.Scalar(byte)
            let character = Character(scalar)
            let isAlphanumeric = character.isLetter || character.isNumber
            if character.isASCII, isAlphanumeric || "-._~".contains(character) {
                return String(character)
            }
            let digits = String(byte, radix: 16, uppercase: true)
            return digits.count == 1 ? "%0\(digits)" : "%\(digits)"
        }.joined()
    }
}
