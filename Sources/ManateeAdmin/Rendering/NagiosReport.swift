import ManateeCore
import ManateePorts

/// A cluster's health in one line, as plugins of Nagios and its kind tell it.
struct NagiosReport: Equatable, Sendable {
    /// The four statuses of a plugin.
    enum Status: String, Sendable {
        case ok = "OK"
        case warning = "WARNING"
        case critical = "CRITICAL"
        case unknown = "UNKNOWN"

        /// The plugin's exit code, 0 to 3; the numbers mean something else to the other commands.
        var exit: AdmExit {
            switch self {
            case .ok: .success
            case .warning: .failure
            case .critical: .usage
            case .unknown: .storeUnreachable
            }
        }
    }

    /// How bad it is.
    let status: Status
    private let text: String
    private var figures: [(name: String, value: String)] = []

    /// The report on the cluster called `shard`.
    init(_ details: ClusterDetails, shard: String) {
        let issues = ClusterVerdict(details).issues
        let errors = issues.count { $0.level == .error }
        status = errors > 0 ? .critical : issues.isEmpty ? .ok : .warning
        let generation = details.state.generation
        let good = "generation \(generation), primary \(details.state.primary.label)"
        let words = issues.isEmpty ? good : issues.map(\.message).joined(separator: "; ")
        text = "\(shard): \(words)"
        let peers = details.members.filter { $0.role != .deposed }
        let answering = peers.count { member in
            if case .answered? = details.postgres[member.peer.id] { true } else { false }
        }
        figures = [
            ("generation", "\(generation)"), ("peers", "\(peers.count)"),
            ("online", "\(answering)"), ("deposed", "\(details.state.deposed.count)"),
            ("errors", "\(errors)"), ("warnings", "\(issues.count - errors)"),
        ]
        for member in peers where member.role != .primary {
            guard case .answered(let report)? = details.postgres[member.peer.id],
                let lag = report.replayLag
            else { continue }
            figures.append(("lag_\(member.peer.label)", "\(LagText(lag).seconds)s"))
        }
    }

    /// The report that nothing could be found out, and why.
    init(unknown why: String) {
        status = .unknown
        text = why
    }

    /// The line: status, words, and after a bar the performance data.
    var line: String {
        // A bar begins the performance data, and a line break would end what is shown.
        let words = text.map { $0 == "|" ? "/" : $0.isNewline ? " " : $0 }
        let data = figures.map { "\(Self.label($0.name))=\($0.value)" }.joined(separator: " ")
        return "MANATEE \(status.rawValue) - " + String(words) + (data.isEmpty ? "" : " | \(data)")
    }

    static func == (left: NagiosReport, right: NagiosReport) -> Bool { left.line == right.line }

    /// A label without the characters that end one.
    private static func label(_ name: String) -> String {
        String(name.map { $0.isLetter || $0.isNumber || "_-.".contains($0) ? $0 : "_" })
    }
}
