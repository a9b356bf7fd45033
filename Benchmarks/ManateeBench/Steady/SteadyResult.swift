/// What a cluster costs while nothing happens to it.
package struct SteadyResult: Codable, Sendable {
    /// What the daemon of one peer uses.
    package struct Daemon: Codable, Sendable {
        /// The peer's place: `primary`, `sync` or `async`.
        package var role: String
        /// Share of one processor, in percent.
        package var processorPercent: Double
        /// Resident memory in MiB.
        package var residentMiB: Double

        /// What the peer of this place uses.
        package init(role: String, processorPercent: Double, residentMiB: Double) {
            self.role = role
            self.processorPercent = processorPercent
            self.residentMiB = residentMiB
        }
    }

    /// Which manager.
    package var system: String
    /// Which of its settings.
    package var profile: String
    /// From the start of the daemons until all three peers had their place and a write was possible.
    package var coldStartMilliseconds: Int
    /// The daemons while no client is there.
    package var idle: [Daemon]
    /// The daemons while pgbench runs.
    package var loaded: [Daemon]
    /// Requests to the store in a minute without clients.
    package var storeRequestsPerMinute: Double
    /// Changes of the store in a minute without clients.
    package var storeWritesPerMinute: Double
    /// Transactions per second through the managed primary, one for each slice.
    package var transactions: [Double]
    /// The same for the hand-made primary and standby, in turn with them.
    package var plainTransactions: [Double]
    /// Mean latencies in milliseconds, one for each slice.
    package var latencies: [Double]
    /// The same for the hand-made pair.
    package var plainLatencies: [Double]

    /// A result of these figures.
    package init(
        system: String,
        profile: String,
        coldStartMilliseconds: Int,
        idle: [Daemon],
        loaded: [Daemon],
        storeRequestsPerMinute: Double,
        storeWritesPerMinute: Double,
        transactions: [Double],
        plainTransactions: [Double],
        latencies: [Double],
        plainLatencies: [Double]
    ) {
        self.system = system
        self.profile = profile
        self.coldStartMilliseconds = coldStartMilliseconds
        self.idle = idle
        self.loaded = loaded
        self.storeRequestsPerMinute = storeRequestsPerMinute
        self.storeWritesPerMinute = storeWritesPerMinute
        self.transactions = transactions
        self.plainTransactions = plainTransactions
        self.latencies = latencies
        self.plainLatencies = plainLatencies
    }
}
