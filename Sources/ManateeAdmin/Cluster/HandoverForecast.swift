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

    /// The sync of the generation to come.
    private var nextSync: Peer {
        let state = details.state
        return state.async.first { details.active.contains($0.id) } ?? state.primary
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
        let transaction = report.map { report in
            report.longestTransaction.map { "\($0.components.seconds)s" } ?? "none"
        }
        return """
            primary now:         \(state.primary.label)
            primary then:        \(state.sync?.label ?? "-")
            sync then:           \(nextSync.label)
            the sync lacks:      \(lag.map { "\($0) bytes" } ?? "not known")
            longest transaction: \(transaction ?? "not known")
            predicted pause:     \(pause.map { "about \(Self.seconds($0))" } ?? "not known")

            """
    }

    /// The facts for programs, with what speaks against it; null is what is not known.
    ///
    /// No transaction at all is one of 0 seconds.
    func json(_ warnings: [String]) -> JSONValue {
        let transaction = report.map { $0.longestTransaction ?? .zero }
        return .object([
            "primary": .string(details.state.primary.id.text),
            "nextPrimary": details.state.sync.map { .string($0.id.text) } ?? .null,
            "nextSync": .string(nextSync.id.text),
            "lagBytes": lag.map { .integer(Int64(clamping: $0)) } ?? .null,
            "longestTransactionSeconds": transaction.map { .number($0 / .seconds(1)) } ?? .null,
            "pauseSeconds": pause.map { .number($0 / .seconds(1)) } ?? .null,
            "warnings": .array(warnings.map { .string($0) }),
        ])
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
