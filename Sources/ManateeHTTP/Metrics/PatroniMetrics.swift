import ManateeCore
import ManateePorts

/// What Patroni measures, too, under its names, for dashboards that exist.
struct PatroniMetrics {
    let snapshot: StatusSnapshot

    func write(_ text: inout MetricsText) {
        let (view, postgres) = (snapshot.view, snapshot.postgres)
        let replication = postgres.replication
        let isPrimary = view.role == .primary
        let isStandby = PeerHealth(view: view, postgres: postgres).isServingStandby
        let position = postgres.position?.lsn.bytes
        text.gauge("patroni_version", "Version, as one number.", version)
        text.gauge("patroni_postgres_running", "Whether postgres runs.", postgres.running)
        text.gauge(
            "patroni_postmaster_start_time",
            "When postgres was started.",
            replication?.startedMilliseconds.map { Double($0) / 1000 } ?? 0
        )
        text.gauge("patroni_primary", "Whether this is the primary.", isPrimary)
        text.gauge("patroni_xlog_location", "End of the log.", isPrimary ? position ?? 0 : 0)
        text.gauge("patroni_standby_leader", "Never: there are no standby clusters.", false)
        text.gauge("patroni_replica", "Whether this is a standby.", isStandby)
        text.gauge("patroni_sync_standby", "Whether this is the sync.", view.role == .sync)
        text.gauge("patroni_quorum_standby", "Never: there is one sync.", false)
        text.gauge(
            "patroni_xlog_received_location",
            "What a standby has received.",
            isPrimary ? 0 : position ?? 0
        )
        text.gauge(
            "patroni_xlog_replayed_location",
            "What a standby has replayed.",
            replication?.replayed?.bytes ?? 0
        )
        text.gauge(
            "patroni_postgres_streaming",
            "Whether a standby streams.",
            replication?.isStreaming ?? false
        )
        text.gauge(
            "patroni_postgres_server_version",
            "Version of postgres.",
            replication?.serverVersion ?? 0
        )
        text.gauge("patroni_cluster_unlocked", "Whether there is no state.", view.state == nil)
        text.gauge(
            "patroni_postgres_timeline",
            "Timeline of postgres.",
            postgres.position.map { Int($0.timeline.number) } ?? 0
        )
        text.gauge(
            "patroni_is_paused",
            "Whether the shard is frozen.",
            view.state?.state.freeze != nil
        )
    }

    private var version: Int {
        let parts = snapshot.context.version.split(separator: ".").prefix(3).map {
            Int($0.prefix(while: \.isNumber)) ?? 0
        }
        return parts.reduce(0) { $0 * 100 + $1 }
    }
}
