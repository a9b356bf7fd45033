import ManateeCore
import ManateePorts

extension MetricsPage {
    /// How the copy of another peer's data goes, or how the last one went; nothing before the first.
    func writeRestore(_ text: inout MetricsText) {
        guard let restore = snapshot.postgres.restore else { return }
        text.gauges(
            "manatee_restore_state",
            "1 for how the current or last copy of another peer's data goes, 0 for the other ways.",
            ["running", "done", "failed"].map { state in
                (
                    [("state", state), ("method", restore.method.rawValue)],
                    state == restore.outcome.word
                )
            }
        )
        text.gauge(
            "manatee_restore_bytes",
            "How much of that copy has come.",
            restore.completed
        )
        text.gauge(
            "manatee_restore_expected_bytes",
            "About how much there will be, where that is known.",
            restore.total
        )
        text.gauge(
            "manatee_restore_bytes_per_second",
            "How fast it came lately, where that is known.",
            restore.bytesPerSecond
        )
    }

    /// What there is of snapshots; nothing where there can be none, or they could not be listed.
    func writeSnapshots(_ text: inout MetricsText) {
        guard let snapshots else { return }
        text.gauge(
            "manatee_snapshots",
            "How many snapshots of the data there are.",
            snapshots.count
        )
        text.gauge(
            "manatee_snapshot_age_seconds",
            "How old the newest snapshot is that Manatee took.",
            snapshots.newestMilliseconds.map {
                Double(max(0, snapshot.now.milliseconds - $0)) / 1000
            }
        )
        text.gauge(
            "manatee_snapshot_bytes",
            "What would be free if all snapshots went, where that is known.",
            snapshots.bytes
        )
    }

    /// What the peer makes of the shard's configuration; nothing if nobody follows it.
    func writeConfiguration(_ text: inout MetricsText) {
        guard let configuration else { return }
        text.gauge(
            "manatee_configuration_version",
            "The edit of the shard's configuration that is in force here, 0 before the first.",
            configuration.version
        )
        text.gauge(
            "manatee_configuration_problem",
            "Whether the newest configuration in the store is not in force here.",
            configuration.problem != nil
        )
    }
}

extension RestoreStatus.Outcome {
    /// The outcome without its reason.
    fileprivate var word: String {
        switch self {
        case .running: "running"
        case .done: "done"
        case .failed: "failed"
        }
    }
}
