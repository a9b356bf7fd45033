package import Logging
import ManateeCore
package import ManateePorts
import ServiceLifecycle

/// Tells the operator while the store is away: which servers, what was seen, and what to do.
///
/// It repeats itself at a decreasing rate, since an outage may last, and says when it is over.
package struct StoreWatch: Service {
    /// How often it looks.
    static let period = Duration.seconds(1)
    /// How long the store may be away before it is told: a reconnect takes less.
    static let firstReport = Duration.seconds(3)
    /// The longest pause between two reports: from 3 s on it doubles up to here.
    static let longestPause = Duration.seconds(300)

    private let status: any SitterStatus
    private let servers: String
    private let probe: @Sendable () async -> [String]
    private let logger: Logger
    private let clock: any Clock<Duration>

    /// A watch over what `status` says about the store.
    ///
    /// - Parameters:
    ///   - status: whether the store is connected.
    ///   - servers: the servers as the configuration names them.
    ///   - probe: what is seen at each of them, one sentence each.
    ///   - logger: gets the reports.
    ///   - clock: counts the pauses.
    package init(
        status: any SitterStatus,
        servers: String,
        probe: @escaping @Sendable () async -> [String],
        logger: Logger,
        clock: any Clock<Duration> = ContinuousClock()
    ) {
        self.status = status
        self.servers = servers
        self.probe = probe
        self.logger = logger
        self.clock = clock
    }

    /// Watches until graceful shutdown or cancellation.
    package func run() async throws {
        await cancelWhenGracefulShutdown { await watch() }
    }

    private func watch() async {
        var outage = StoreOutage(firstReport: Self.firstReport, longestPause: Self.longestPause)
        // Sleeping fails only by cancellation: then nobody wants to be told any more.
        while (try? await clock.sleep(for: Self.period)) != nil {
            switch outage.look(connected: await status.peerView().storeConnected, Self.period) {
            case .nothing:
                break
            case .away(let duration):
                let seen = await probe()
                logger.error(
                    """
                    the store cannot be reached: nothing stops, but nobody can change roles; start the \
                    servers, or correct zookeeper.servers
                    """,
                    metadata: [
                        "store.servers": "\(servers)",
                        "store.seen": .array(seen.map { "\($0)" }),
                        "store.away": "\(duration)",
                    ]
                )
            case .back(let duration):
                logger.info("the store is back", metadata: ["store.away": "\(duration)"])
            }
        }
    }
}

/// When an outage is worth a word.
struct StoreOutage {
    /// What to tell.
    enum Report: Equatable {
        case nothing
        /// It has been away for this long.
        case away(Duration)
        /// It is back, after so long; told only if its absence was.
        case back(Duration)
    }

    private let firstReport: Duration
    private let longestPause: Duration
    private var away = Duration.zero
    private var nextReport: Duration

    init(firstReport: Duration, longestPause: Duration) {
        self.firstReport = firstReport
        self.longestPause = longestPause
        nextReport = firstReport
    }

    /// Takes a look, `elapsed` after the last one.
    mutating func look(connected: Bool, _ elapsed: Duration) -> Report {
        if connected {
            defer { (away, nextReport) = (.zero, firstReport) }
            return nextReport > firstReport ? .back(away) : .nothing
        }
        away += elapsed
        guard away >= nextReport else { return .nothing }
        nextReport = min(nextReport * 2, nextReport + longestPause)
        return .away(away)
    }
}
