/// Everything that a proxy must be told, validated.
package struct ProxySettings: Equatable, Sendable {
    /// The shard's directory in the store; no slash at the end.
    package var shardPath: String
    /// How the store is reached.
    package var zooKeeper: SitterSettings.ZooKeeperSettings
    /// Where clients that write come to.
    package var readWrite: Port
    /// Where clients that read come to; nil for nowhere.
    package var readOnly: Port?
    /// Where metrics are read; nil for nowhere.
    package var admin: Admin?
    /// How clients wait while there is no server for them.
    package var hold: Hold
    /// Which standbys are read from.
    package var reading: Reading
    /// How sitters are asked.
    package var status: Status
    /// How long a connection attempt to a server may take, 100 ms to 1 min; default 2 s.
    package var connectTimeout: Duration
    /// The header of the PROXY protocol that servers are sent; default `off`.
    package var sendProxyProtocol: SentHeader
    /// How long open connections are waited for at the end, 0 s to 1 h; default 30 s.
    package var drainTimeout: Duration
    /// How many threads relay, 1 to 256; nil (default): one for each two processors.
    package var threads: Int?
    /// The lowest level that is logged; default `info`.
    package var logLevel: SitterSettings.LogThreshold

    /// A port for clients.
    package struct Port: Equatable, Sendable {
        /// Default `127.0.0.1`.
        package var listenAddress: String
        /// 1 to 65535, default 6432 for writing and 6433 for reading.
        package var port: Int
        /// How many clients at once, 1 to 1,000,000; default 1000.
        package var maxConnections: Int
        /// Whether clients begin with a header of the PROXY protocol; default false.
        package var acceptProxyProtocol: Bool
    }

    /// The port for metrics.
    package struct Admin: Equatable, Sendable {
        /// Default `127.0.0.1`.
        package var listenAddress: String
        /// 1 to 65535, default 6434.
        package var port: Int
    }

    /// How clients wait.
    package struct Hold: Equatable, Sendable {
        /// How long, 0 s to 1 h; default 30 s.
        package var time: Duration
        /// How many at once, 0 to 1,000,000; default 1000.
        package var connections: Int
    }

    /// Which standbys are read from.
    package struct Reading: Equatable, Sendable {
        /// How much log a standby may lack, in bytes; default 64 MiB.
        package var maximumLag: Int
        /// How the next standby is chosen; default `roundRobin`.
        package var balance: Balance
        /// Whether the primary is read from when no standby will do; default true.
        package var primaryFallback: Bool
    }

    /// How sitters are asked.
    package struct Status: Equatable, Sendable {
        /// The port of a sitter, counted from its postgres's, 1 to 1000; default 1.
        package var portOffset: Int
        /// How often, 100 ms to 1 min; default 1 s.
        package var interval: Duration
    }

    /// How the next standby is chosen.
    package enum Balance: String, CaseIterable, Sendable {
        /// One after the other.
        case roundRobin
        /// The one with the fewest connections.
        case leastConnections
    }

    /// The header that servers are sent.
    package enum SentHeader: String, CaseIterable, Sendable {
        /// None.
        case off
        /// The text.
        case v1
        /// The binary one.
        case v2
    }
}
