import ManateeCore
import ManateePorts

/// What an operator should know before the primary hands over to its sync.
struct HandoverForecast: Equatable, Sendable {
    /// What the stop, the declaration and the promotion take on a local network, with room to spare.
    private static let change = Duration.seconds(1)
    /// What a link ships in a second, at least, in bytes.
    private static let rate: UInt64 = 50_000_000
    /// A transaction that runs longer than this is worth a warning: the stop breaks it off.
    private static let longTransaction = Duration.seconds(10)

    private let details: ClusterDetails

    init(_ details: ClusterDetails) {
        self.details = details
    }

    /// What the sync has not flushed of what it was sent, in bytes; nil if that is not known.
    private var lag: UInt64? {
        guard let row = details.downstreamRow(of: details.state.primary),
            let sent = row.sent, let flush = row.flush
        else { return nil }
        return sent.ahead(of: flush)
    }

    private var report: PostgresReport? {
        guard case .answered(let report)? = details.postgres[details.state.primary.id] else {
            return nil
        }
        return report
    }

    /// For how long no write is acknowledged; nil if the sync's lag is not known.
    var pause: Duration? {
        lag.map { Self.change + .milliseconds(Int64($0 / (Self.rate / 1000))) }
    }

    /// The facts, one line each, ended by newlines.
    var text: String {
        let state = details.state
        let next = state.async.first { details.active.contains($0.id) } ?? state.primary
        let transaction = report.map { report in
            report.longestTransaction.map { "\($0.components.seconds)s" } ?? "none"
        }
        return """
            primary now:         \(state.primary.label)
            primary then:        \(state.sync?.label ?? "-")
            sync then:           \(next.label)
            the sync lacks:      \(lag.map { "\($0) bytes" } ?? "not known")
            longest transaction: \(transaction ?? "not known")
            predicted pause:     \(pause.map { "about \(Self.seconds($0))" } ?? "not known")

            """
    }

    /// What speaks against it, one line each; lags up to `lagToIgnore` seconds do not.
    func warnings(lagToIgnore: Int) -> [String] {
        var lines = PromotionPlan.warnings(details, lagToIgnore: lagToIgnore)
        if let longest = report?.longestTransaction, longest > Self.longTransaction {
            lines.append(
                "warning: a transaction runs since \(longest.components.seconds)s; it will be broken off"
            )
        }
        return lines
    }

    /// A duration to the tenth of a second.
    static func seconds(_ duration: Duration) -> String {
        let tenths = Int64(duration / .milliseconds(100))
        return "\(tenths / 10).\(tenths % 10)s"
    }
}
