public import NIOSSL

/// How a client reaches its servers, and what bounds it keeps.
public struct ZooKeeperConfiguration: Sendable {
    /// The servers and the chroot.
    public var connection: ConnectionString

    /// The session timeout to ask for; servers bound it to 2 to 20 of their ticks by default.
    /// Default 10 s, at least 1 ms.
    public var sessionTimeout: Duration = .seconds(10)

    /// Credentials, shown to each server in this order. Default none.
    public var authentication: [Authentication] = []

    /// Encrypts connections if set. Host names are verified against it. Default nil.
    public var tls: TLSConfiguration?

    /// How long one attempt at one server may take until the session stands; nil (default) derives
    /// it: a third of the session timeout, shared by the servers, but not less than a second or
    /// than that third.
    public var connectTimeout: Duration?

    /// The pause after all servers have been tried in vain. It doubles from round to round up to
    /// ``maximumBackoff``, and each pause is shortened at random by up to a half. Default 100 ms.
    public var minimumBackoff: Duration = .milliseconds(100)

    /// The longest pause between two rounds through the servers. Default 1 s.
    public var maximumBackoff: Duration = .seconds(1)

    /// How long a request may wait for a connection before it fails with `notConnected`; nil
    /// (default) means the requested session timeout.
    public var requestWait: Duration?

    /// The longest request in bytes, as `jute.maxbuffer` at the servers; a reply may be 1 KiB
    /// longer, for the stat of the largest node. Default 1,048,575.
    public var maximumFrameLength = 1_048_575

    /// How many requests may wait for a connection or a reply; more fail with `tooManyRequests`.
    /// Default 1,000, which is what a server admits before it throttles.
    public var maximumRequests = 1_000

    /// How many bytes of requests may wait for a connection or a reply; more fail with
    /// `tooManyRequests`. Default 64 MiB.
    public var maximumRequestBytes = 64 << 20

    /// How many events a persistent watch keeps for a slow reader. At the bound they are replaced
    /// by one `resynchronise`. Default 1,000, at least 1.
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
