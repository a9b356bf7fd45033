/// One postgres that connections can be led to.
package struct Backend: Hashable, Sendable, CustomStringConvertible {
    /// The name or address of the host, without brackets.
    package var host: String
    /// The port of postgres.
    package var port: Int

    /// The postgres at this address.
    package init(host: String, port: Int) {
        self.host = host
        self.port = port
    }

    /// `host:port`, IPv6 addresses in brackets.
    package var description: String { host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)" }
}
