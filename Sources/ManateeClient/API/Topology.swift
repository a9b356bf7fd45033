/// The servers of a shard in the order in which they replicate.
///
/// It is what the shard has declared, dead or alive: a server that crashed stays until the shard declares
/// another topology. Deposed servers are not in it.
public struct Topology: Hashable, Sendable {
    /// The primary first, then its sync, then the asyncs, each replicating from the one before it.
    ///
    /// Before the shard has declared anything: its peers, in the order in which they stand for election.
    public var servers: [Server]
    /// The generation; nil before the shard has declared anything.
    public var token: FencingToken?

    /// The servers' addresses; the first is the only one that takes writes.
    public var urls: [String] { servers.map(\.url) }

    /// The primary; nil before the shard has declared one.
    public var primary: Primary? {
        guard let token, let server = servers.first else { return nil }
        return Primary(server: server, token: token)
    }

    /// The servers for reading, which may be behind the primary: sync first.
    public var standbys: [Server] { token == nil ? [] : Array(servers.dropFirst()) }

    /// What a connection is for.
    public enum Access: Hashable, Sendable {
        /// Reading and writing: the primary.
        case readWrite
        /// Reading: a standby, or the primary if there is none.
        case readOnly
    }

    /// A connection URL for libpq that names all servers, and lets libpq find the right one.
    ///
    /// It stays good while the shard has these peers, whatever their roles. Passwords belong in a passfile.
    ///
    /// - Parameters:
    ///   - access: What the connection is for.
    ///   - user: The role to connect as; nil leaves the choice to libpq.
    ///   - database: The database; nil leaves the choice to libpq.
    /// - Returns: The URL; nil if there is no server.
    public func connectionURL(
        for access: Access,
        user: String? = nil,
        database: String? = nil
    ) -> String? {
        guard !servers.isEmpty else { return nil }
        let hosts: [Server]
        let attributes: String
        switch access {
        case .readWrite:
            (hosts, attributes) = (servers, "read-write")
        case .readOnly:
            // The primary comes last, so that no connection is wasted on it.
            (hosts, attributes) = (Array(servers.dropFirst() + servers.prefix(1)), "prefer-standby")
        }
        let list = hosts.map { server in
            let host = server.host.contains(":") ? "[\(server.host)]" : server.host
            return "\(host):\(server.port)"
        }
        return "postgresql://" + (user.map { PercentEncoding.text($0) + "@" } ?? "")
            + list.joined(separator: ",") + "/" + (database.map(PercentEncoding.text) ?? "")
            + "?target_session_attrs=\(attributes)"
    }
}
