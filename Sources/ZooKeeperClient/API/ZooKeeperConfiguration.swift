public import NIOSSL

/// How a client reaches its servers, and what bounds it keeps.
public struct ZooKeeperConfiguration: Sendable {
    /// The servers and the chroot.
    public var connection: ConnectionString

    /// The session timeout to ask for: at least 1 ms, default 10 s.
    ///
    /// Servers bound it, by default to 2 to 20 of their ticks.
    public var sessionTimeout: Duration = .seconds(10)

    /// Credentials, shown to each server in this order; default none.
    public var authentication: [Authentication] = []

    /// Encrypts connections if set; default nil.
    ///
    /// The server's certificate is verified for its host name, or for its address if it has no name.
    public var tls: TLSConfiguration?

    /// How long one attempt at one server may take until the session stands; nil (default) derives
    /// it.
    ///
    /// Derived, it is a third of the session timeout, shared by the servers; but a second if its share
    /// is less, and never more than that third.
    public var connectTimeout: Duration?

    /// The pause after all servers have been tried in vain; default 100 ms.
    ///
    /// It doubles from round to round up to ``maximumBackoff``, and each pause is shortened at random
    /// by up to a half.
    public var minimumBackoff: Duration = .milliseconds(100)

    /// The longest pause between two rounds through the servers; default 1 s.
    public var maximumBackoff: Duration = .seconds(1)

    /// How long a request may wait for a connection before it fails with `notConnected`; nil
    /// (default) means the requested session timeout.
    public var requestWait: Duration?

    /// The longest request in bytes, as `jute.maxbuffer` at the servers; default 1,048,575.
    ///
    /// A reply may be 1 KiB longer, for the stat of the largest node.
    public var maximumFrameLength = 1_048_575

    /// How many requests may wait for a connection or a reply; default 1,000.
    ///
    /// More fail with `tooManyRequests`. The default is what a server admits before it throttles.
    public var maximumRequests = 1_000

    /// How many bytes of requests may wait for a connection or a reply; default 64 MiB.
    ///
    /// More fail with `tooManyRequests`.
    public var maximumRequestBytes = 64 << 20

    /// How many events a persistent watch keeps for a slow reader: at least 1, default 1,000.
    ///
    /// At the bound they are replaced by one `resynchronise`.
    public var watchBufferLimit = 1_000

    /// A configuration with defaults for everything but the servers.
    public init(connection: ConnectionString) {
        self.connection = connection
    }

    /// A configuration with defaults for everything but the servers.
    ///
    /// - Throws: ``ZooKeeperError`` with the code `invalidConnectionString`.
    public init(_ connectionString: String) throws(ZooKeeperError) {
        connection = try ConnectionString(connectionString)
    }
}
