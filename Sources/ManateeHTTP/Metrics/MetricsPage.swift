import ManateeCore
import ManateeJournal
import ManateePorts

/// Everything that is measured, at one moment.
struct MetricsPage {
    let snapshot: StatusSnapshot
    let journal: Journal
    let picture: ShardPicture?
    let process: ProcessFigures
    let space: SpaceStatus?
    let configuration: ConfigurationStatus?
    let hearing: [PeerHearing]
    let snapshots: SnapshotStatus?

    /// The page in one of its forms.
    ///
    /// - Parameters:
    ///   - form: which of them.
    ///   - patroniAliases: whether what Patroni measures, too, is repeated under its names.
    /// - Returns: all families, each once.
    func text(_ form: MetricsForm, patroniAliases: Bool = false) -> String {
        var text = MetricsText(
            form,
            shared: [
                ("shard", snapshot.context.shard), ("peer", snapshot.context.peer.zoneID),
            ]
        )
        writeRole(&text)
        writeShard(&text)
        writePostgres(&text)
        writeRestore(&text)
        writeConfiguration(&text)
        writeSnapshots(&text)
        writeHearing(&text)
        writeStore(&text)
        writeJournal(&text)
        writeSpace(&text)
        writeProcess(&text)
        if patroniAliases {
            var aliases = MetricsText(
                form,
                shared: [
                    ("scope", snapshot.context.shard), ("name", snapshot.context.peer.zoneID),
                ]
            )
            PatroniMetrics(snapshot: snapshot).write(&aliases)
            return text.text + aliases.finished()
        }
        return text.finished()
    }

    private func writeRole(_ text: inout MetricsText) {
        let view = snapshot.view
        text.gauges(
            "manatee_info",
            "The version of the sitter.",
            [([("version", snapshot.context.version)], 1)]
        )
        text.gauges(
            "manatee_role",
            "1 for the role that the peer has, 0 for the others.",
            PeerRole.allCases.map { ([("role", $0.rawValue)], $0 == view.role) }
        )
        text.gauge(
            "manatee_generation",
            "The generation that the peer follows.",
            view.generation?.number
        )
        text.gauges(
            "manatee_pending",
            "1 for what is under way at the peer, 0 for what is not.",
            [
                PeerView.Pending.postgresTransition, .postgresRetry, .clusterWriteOrWait,
            ].map { pending in
                let name = pending.rawValue.split(separator: " ").joined(separator: "_")
                return ([("what", name)], view.pending.contains(pending))
            }
        )
        text.gauge(
            "manatee_writes_open",
            "Whether the peer, as primary, admits writes in its generation.",
            view.role == .primary && view.writesOpen != nil && view.writesOpen == view.generation
        )
    }

    private func writeShard(_ text: inout MetricsText) {
        let view = snapshot.view
        text.gauge(
            "manatee_present_peers",
            "How many peers stand for election.",
            view.activePeers.count
        )
        guard let versioned = view.state else { return }
        let state = versioned.state
        text.gauge("manatee_chain_peers", "How many peers replicate.", state.chain.count)
        text.gauge("manatee_deposed_peers", "How many peers are deposed.", state.deposed.count)
        text.gauge("manatee_frozen", "Whether an operator froze the shard.", state.freeze != nil)
        text.gauge(
            "manatee_one_node_write_mode",
            "Whether one peer alone acknowledges writes.",
            state.oneNodeWriteMode
        )
        text.gauge(
            "manatee_state_version",
            "The store's version of the cluster state.",
            Int(versioned.version.number)
        )
        text.gauge(
            "manatee_sync_present",
            "Whether the sync stands for election.",
            state.sync.map(view.activePeers.contains) ?? false
        )
        let members = ShardMembers(snapshot, picture).list
        text.gauges(
            "manatee_member_lag_bytes",
            "How far each standby is behind the primary, as far as this peer knows.",
            members.compactMap { member in
                member.lag.map { ([("member", member.name), ("role", member.role.rawValue)], $0) }
            }
        )
        if let picture {
            text.gauges(
                "manatee_issues",
                "How many things verify finds wrong.",
                [
                    ([("level", "error")], picture.issues.count { $0.isError }),
                    ([("level", "warning")], picture.issues.count { !$0.isError }),
                ]
            )
        }
    }

    private func writePostgres(_ text: inout MetricsText) {
        let postgres = snapshot.postgres
        text.gauge("manatee_postgres_running", "Whether postgres runs.", postgres.running)
        text.gauge(
            "manatee_postgres_healthy",
            "Whether the last check of postgres succeeded.",
            postgres.healthy == true
        )
        text.gauge(
            "manatee_postgres_last_check_timestamp_seconds",
            "When the last successful check was.",
            postgres.lastCheckMilliseconds.map { Double($0) / 1000 }
        )
        text.gauge(
            "manatee_postgres_pending_restart",
            "How many parameters wait for a restart of postgres.",
            postgres.pendingRestart.count
        )
        text.gauge("manatee_gate_open", "Whether clients are admitted.", postgres.gateOpen)
        text.gauge(
            "manatee_wal_position_bytes",
            "The end of the own log: flushed on a primary, received on a standby.",
            postgres.position?.lsn.bytes
        )
        text.gauge(
            "manatee_timeline",
            "The timeline of that position.",
            postgres.position.map { Int($0.timeline.number) }
        )
        guard let replication = postgres.replication else { return }
        text.gauge(
            "manatee_wal_replayed_bytes",
            "Up to where a standby has replayed.",
            replication.replayed?.bytes
        )
        if replication.isInRecovery {
            let health = PeerHealth(view: snapshot.view, postgres: postgres)
            text.gauge(
                "manatee_replication_streaming",
                "Whether a standby receives from its upstream.",
                replication.isStreaming
            )
            text.gauge(
                "manatee_replication_lag_bytes",
                "How far a standby's replay is behind what its upstream told.",
                health.lag(.apply)
            )
            text.gauge(
                "manatee_replication_lag_seconds",
                "The age of the last replayed commit, 0 if everything received is replayed.",
                replication.replayAge.map { $0 / .seconds(1) }
            )
        }
        text.gauges(
            "manatee_downstream_streaming",
            "1 for each server that streams from this one, 0 for one that is catching up.",
            replication.downstreams.map { row in
                (
                    [
                        ("downstream", row.applicationName ?? ""),
                        ("sync_state", row.syncState ?? ""),
                    ], row.state == "streaming"
                )
            }
        )
    }

    private func writeStore(_ text: inout MetricsText) {
        text.gauge(
            "manatee_store_connected",
            "Whether the store is connected.",
            snapshot.view.storeConnected
        )
        text.gauge(
            "manatee_store_round_trip_seconds",
            "How long the store took for the last read behind everything that was sent before.",
            picture?.storeRoundTrip.map { $0 / .seconds(1) }
        )
    }

    private func writeJournal(_ text: inout MetricsText) {
        text.counters(
            "manatee_events",
            "How many events the peer's machine was told.",
            [([], journal.steps)]
        )
        for weight in Reason.Weight.allCases {
            let counts = journal.reasons.filter { $0.key.weight == weight }
                .sorted { $0.key.label < $1.key.label }
            text.counters(
                "manatee_\(weight.rawValue)s",
                "How often the peer told of a \(weight.rawValue), by its reason.",
                counts.map { ([("reason", $0.key.label)], $0.value) }
            )
        }
        text.counters(
            "manatee_role_changes",
            "How often the peer took a role.",
            PeerRole.allCases.map { ([("role", $0.rawValue)], journal.roles[$0] ?? 0) }
        )
        text.histograms(
            "manatee_failover_phase_seconds",
            "How long each phase took of the changes that made or kept this peer primary.",
            FailoverPhase.allCases.map {
                ([("phase", $0.rawValue)], journal.phases[$0] ?? DurationHistogram())
            }
        )
        text.histograms(
            "manatee_failover_seconds",
            "How long those changes took, from the first sign until clients were admitted.",
            [([], journal.whole)]
        )
    }

    private func writeSpace(_ text: inout MetricsText) {
        guard let space else { return }
        text.gauges(
            "manatee_disk_level",
            "1 for how scarce the database's room is, 0 for the other levels.",
            [SpaceLevel.enough, .low, .critical, .exhausted].map {
                ([("level", "\($0)")], $0 == space.level)
            }
        )
        text.gauge(
            "manatee_disk_reserve",
            "Whether room is kept for recovery.",
            space.hasReserve
        )
    }

    private func writeProcess(_ text: inout MetricsText) {
        text.gauge(
            "manatee_disk_bytes",
            "The size of the file system that holds the database.",
            process.diskBytes
        )
        text.gauge(
            "manatee_disk_free_bytes",
            "What is free on the file system that holds the database.",
            process.diskFreeBytes
        )
        if let seconds = process.processorSeconds {
            text.counters(
                "process_cpu_seconds",
                "Processor time of the sitter.",
                [([], seconds)]
            )
        }
        text.gauge(
            "process_resident_memory_bytes",
            "Memory in use by the sitter.",
            process.residentBytes
        )
        text.gauge("process_open_fds", "Files that the sitter has open.", process.openFiles)
        text.gauge("process_max_fds", "Files that it may open.", process.openFilesLimit)
        text.gauge(
            "process_start_time_seconds",
            "When the sitter began.",
            process.startSeconds
        )
    }
}
