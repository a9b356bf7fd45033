import ManateeCore
import ManateePorts

/// What matters most about a shard, in one sentence, as far as this peer knows.
struct DashboardVerdict {
    /// How bad it is; the name of its colours.
    enum Level: String {
        case good, info, warn, bad
    }

    let level: Level
    let title: String
    let detail: String
    /// Whether it is about to change by itself.
    let isPassing: Bool

    init(
        _ level: Level,
        _ title: String,
        _ detail: String,
        isPassing: Bool = false
    ) {
        self.level = level
        self.title = title
        self.detail = detail
        self.isPassing = isPassing
    }

    init(_ snapshot: StatusSnapshot, _ picture: ShardPicture?) {
        let view = snapshot.view
        guard let state = view.state?.state else {
            self.init(
                .info,
                "Not set up yet",
                view.reasons.first?.description ?? "There is no cluster state.",
                isPassing: true
            )
            return
        }
        self =
            Self.ofStore(view) ?? Self.ofPrimary(snapshot, state) ?? Self.ofSync(view, state)
            ?? Self.ofFreeze(state) ?? Self.ofRest(state, picture)
    }

    private static func ofStore(_ view: PeerView) -> DashboardVerdict? {
        guard !view.storeConnected else { return nil }
        return DashboardVerdict(
            .warn,
            "The store is unreachable",
            "Writes go on while primary and sync see each other, but nobody can change roles. Look at "
                + "the ZooKeeper servers. What is shown here is the last that this peer knew."
        )
    }

    private static func ofPrimary(
        _ snapshot: StatusSnapshot,
        _ state: ClusterState
    ) -> DashboardVerdict? {
        let view = snapshot.view
        let name = state.primary.zoneID
        guard view.activePeers.contains(state.primary) else {
            if let freeze = state.freeze {
                return DashboardVerdict(
                    .bad,
                    "No primary, and frozen",
                    "\(name) is gone, and nobody takes over while the shard is frozen"
                        + (freeze.reason.map { ": \($0)" } ?? ".")
                )
            }
            let heir = state.sync.map { "\($0.zoneID) is taking over." } ?? "There is no sync."
            return DashboardVerdict(
                .bad,
                "Failing over",
                "\(name) is gone. \(heir)",
                isPassing: true
            )
        }
        guard view.role == .primary,
            !PeerHealth(view: view, postgres: snapshot.postgres).isPrimary
        else { return nil }
        return DashboardVerdict(
            .bad,
            "Failing over",
            "\(name) is becoming primary of generation \(state.generation); clients are not admitted yet.",
            isPassing: true
        )
    }

    private static func ofSync(_ view: PeerView, _ state: ClusterState) -> DashboardVerdict? {
        if state.oneNodeWriteMode {
            return DashboardVerdict(
                .warn,
                "One peer alone",
                "\(state.primary.zoneID) acknowledges writes that no other disk has."
            )
        }
        guard let sync = state.sync, view.activePeers.contains(sync) else {
            let name = state.sync?.zoneID ?? "The sync"
            let hasHeir = state.async.contains { view.activePeers.contains($0) }
            return DashboardVerdict(
                .bad,
                "The sync is lost",
                "\(name) is gone: commits wait until another peer is sync. "
                    + (hasHeir
                        ? "The primary is taking the first async."
                        : "No async is there to take its place."),
                isPassing: hasHeir
            )
        }
        return nil
    }

    private static func ofFreeze(_ state: ClusterState) -> DashboardVerdict? {
        guard let freeze = state.freeze else { return nil }
        let since = freeze.date.map { " since \($0)" } ?? ""
        return DashboardVerdict(
            .info,
            "Frozen",
            "An operator ordered that no role changes\(since): \(freeze.reason ?? "no reason given"). "
                + "Writes go on; after a failure nobody takes over."
        )
    }

    private static func ofRest(
        _ state: ClusterState,
        _ picture: ShardPicture?
    ) -> DashboardVerdict {
        let issues = picture?.issues ?? []
        if let error = issues.first(where: \.isError) {
            return DashboardVerdict(.bad, "Something is wrong", error.text)
        }
        if let deposed = state.deposed.first {
            return DashboardVerdict(
                .warn,
                "A former primary is not back yet",
                "Writes are acknowledged. \(deposed.zoneID) was deposed and must come back into line first."
            )
        }
        if let warning = issues.first {
            return DashboardVerdict(.warn, "Working, with less redundancy", warning.text)
        }
        return DashboardVerdict(
            .good,
            "All is well",
            "Every acknowledged write is on the disks of \(state.primary.zoneID) and "
                + "\(state.sync?.zoneID ?? "nobody else")."
        )
    }

    var html: HTML {
        let sign: HTML =
            switch level {
            case .good: "<circle cx=\"12\" cy=\"12\" r=\"10\"/><path d=\"M7.5 12.5l3 3 6-6.5\"/>"
            case .info:
                "<circle cx=\"12\" cy=\"12\" r=\"10\"/><path d=\"M12 11v6M12 7.2v.3\"/>"
            case .warn: "<path d=\"M12 3L2.5 20h19z\"/><path d=\"M12 10v5M12 17.3v.2\"/>"
            case .bad:
                "<circle cx=\"12\" cy=\"12\" r=\"10\"/><path d=\"M8.5 8.5l7 7M15.5 8.5l-7 7\"/>"
            }
        let motion: HTML = isPassing ? " class=\"busy\"" : ""
        return """
            <div class="banner \(level.rawValue)" role="status">
            <svg viewBox="0 0 24 24" fill="none" stroke="currentColor" stroke-width="2" \
            stroke-linecap="round" stroke-linejoin="round" aria-hidden="true"\(motion)>\
            \(sign)</svg>
            <div><strong>\(title)</strong><p>\(detail)</p></div></div>

            """
    }
}
