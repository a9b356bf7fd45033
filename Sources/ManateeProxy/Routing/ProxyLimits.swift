/// The bounds that the proxy keeps.
package struct ProxyLimits: Equatable, Sendable {
    /// How standbys are chosen.
    package enum Balance: String, CaseIterable, Sendable {
        /// One after the other.
        case roundRobin
        /// The one with the fewest connections.
        case leastConnections
    }

    /// How many clients may be connected to each listener; default 1000.
    package var connections: [ProxyListener: Int]
    /// How long a client waits for a server that admits it; default 30 s.
    package var holdTime: Duration
    /// How many clients may wait, over all listeners; default 1000.
    package var heldConnections: Int
    /// How many bytes of log a standby may lack; default 64 MiB.
    package var maximumLag: UInt64
    /// How standbys are chosen; default round robin.
    package var balance: Balance
    /// Whether readers are led to the primary when no standby will do; default true.
    package var readsFallBackToPrimary: Bool

    /// Whether somebody tells what sitters say, so that it is worth waiting for; default false.
    package var asksSitters = false

    /// Bounds with these values, and defaults for the others.
    package init(
        connections: [ProxyListener: Int] = [.readWrite: 1000, .readOnly: 1000],
        holdTime: Duration = .seconds(30),
        heldConnections: Int = 1000,
        maximumLag: UInt64 = 64 << 20,
        balance: Balance = .roundRobin,
        readsFallBackToPrimary: Bool = true
    ) {
        self.connections = connections
        self.holdTime = holdTime
        self.heldConnections = heldConnections
        self.maximumLag = maximumLag
        self.balance = balance
        self.readsFallBackToPrimary = readsFallBackToPrimary
    }
}

/// What a port of the proxy is for.
package enum ProxyListener: String, CaseIterable, Sendable {
    /// Connections to the primary.
    case readWrite = "read-write"
    /// Connections to standbys.
    case readOnly = "read-only"
}
