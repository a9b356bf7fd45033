/// Where a server listens for clients.
public struct ServerAddress: Hashable, Sendable {
    /// The port of a server whose address names none.
    public static let defaultPort = 2181

    /// A host name, an IPv4 address, or an IPv6 address without brackets.
    public var host: String

    /// The TCP port, 1 to 65535.
    public var port: Int

    /// An address of its parts.
    public init(host: String, port: Int = Self.defaultPort) {
        self.host = host
        self.port = port
    }
}

extension ServerAddress: CustomStringConvertible {
    /// The address as it is written in a connection string.
    public var description: String {
        host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)"
    }
}
