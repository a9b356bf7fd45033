import ManateeCore
import ManateeHTTP
import ManateeJournal
import ManateePorts

/// The states of a shard that the dashboard is looked at in.
enum DashboardState: String, CaseIterable {
    case healthy
    case syncLost = "sync-lost"
    case failingOver = "failing-over"
    case frozen
    case deposedAndRejoining = "deposed-and-rejoining"
    case storeUnreachable = "store-unreachable"

    private static func peer(_ number: Int) -> Peer {
        Peer(
            id: PeerID("10.77.0.\(number):5432:12345"),
            ip: "10.77.0.\(number)",
            postgresURL: "tcp://postgres@10.77.0.\(number):5432/postgres",
            zoneID: "db\(number)",
            backupURL: "http://10.77.0.\(number):12345"
        )
    }

    private static let end = LSN(0x3_4A12_8F40)
    private static let noon = WallTime(milliseconds: 1_795_348_800_000)

    /// The sitter of `db2`, which became primary of generation 4, and what it saw.
    var asking: Asking {
        var status = Self.primary
        var picture = Self.picture
        switch self {
        case .healthy:
            break
        case .syncLost:
            status.view.activePeers = [Self.peer(2)]
            status.postgres.replication?.downstreams = []
            status.view.pending = [.clusterWriteOrWait]
            status.view.reasons = [
                .assumed(.primary, Generation(4)),
                .noCandidate(.replaceSync, listed: [Self.peer(1).id]),
            ]
            for number in [1, 3] {
                picture.postgres[Self.peer(number).id] = .failed(cause: "ECONNREFUSED")
            }
            picture.issues = [
                .init(
                    isError: true,
                    text: "cannot query postgres on sync: peer \"db3\": ECONNREFUSED"
                )
            ]
        case .failingOver:
            status = Self.syncTakingOver
            picture.history.removeLast()
            picture.postgres[Self.peer(2).id] = .failed(cause: "ETIMEDOUT")
            picture.issues = [
                .init(
                    isError: true,
                    text: "cannot query postgres on primary: peer \"db2\": ETIMEDOUT"
                )
            ]
        case .frozen:
            status.view.state?.state.freeze = .explained([
                "date": .string("2026-11-22T11:40:00.000Z"),
                "reason": .string("new disks in rack 3 (ask ops@example.com)"),
            ])
        case .deposedAndRejoining:
            status = Self.deposed
            picture.postgres[Self.peer(3).id] = .answered(
                PostgresReport(replayLag: .milliseconds(12))
            )
            picture.postgres[Self.peer(1).id] = .failed(cause: "ECONNREFUSED")
            picture.history.removeLast()
            picture.issues = [
                .init(isError: false, text: "cluster has a deposed peer"),
                .init(isError: false, text: "cluster has no async peers"),
            ]
        case .storeUnreachable:
            status.view.storeConnected = false
            status.view.reasons = [.assumed(.primary, Generation(4)), .storeAway]
            picture.storeRoundTrip = nil
        }
        var surroundings = ScriptedSurroundings()
        surroundings.peer = teller
        surroundings.picture = picture
        surroundings.now = Self.noon
        return Asking(status: status, surroundings: surroundings)
    }

    /// The peer that tells.
    private var teller: Peer {
        switch self {
        case .healthy, .syncLost, .frozen, .storeUnreachable: Self.peer(2)
        case .failingOver: Self.peer(3)
        case .deposedAndRejoining: Self.peer(1)
        }
    }

    // MARK: The sitters

    private static let state = VersionedState(
        ClusterState(
            generation: Generation(4),
            primary: peer(2),
            sync: peer(3),
            async: [peer(1)],
            deposed: [],
            initWAL: LSN(0x3_0000_0028),
            initTimeline: TimelineID(2),
            timeline: TimelineID(3)
        ),
        version: StateVersion(17)
    )

    private static func row(_ number: Int, _ state: String, behind: UInt64 = 0) -> ReplicationRow {
        ReplicationRow(
            applicationName: peer(number).id.text,
            clientAddress: peer(number).ip,
            state: "streaming",
            syncState: state,
            sent: end,
            write: end,
            flush: LSN(end.bytes - behind / 2),
            replay: LSN(end.bytes - behind)
        )
    }

    private static var primary: ScriptedStatus {
        var status = ScriptedStatus(
            view: PeerMachine(PeerMachine.Configuration(peer: peer(2))).view
        )
        status.view.role = .primary
        status.view.generation = Generation(4)
        status.view.state = state
        status.view.activePeers = [peer(2), peer(3), peer(1)]
        status.view.storeConnected = true
        status.view.writesOpen = Generation(4)
        status.view.reasons = [.assumed(.primary, Generation(4)), .writesOpened(Generation(4))]
        status.postgres = PostgresStatus(
            healthy: true,
            lastCheckMilliseconds: noon.milliseconds,
            running: true,
            gateOpen: true,
            position: WALPosition(timeline: TimelineID(3), lsn: end),
            replication: PostgresStatus.Replication(
                isInRecovery: false,
                downstreams: [row(3, "sync", behind: 312)],
                serverVersion: 150006
            )
        )
        status.past = pastOfTakeover
        return status
    }

    private static func standby(_ role: PeerRole, _ number: Int) -> ScriptedStatus {
        var status = primary
        status.view.id = peer(number).id
        status.view.role = role
        status.view.writesOpen = nil
        status.past = Journal(epoch: noon)
        status.postgres.replication = PostgresStatus.Replication(
            isInRecovery: true,
            replayed: LSN(end.bytes - 2048),
            upstreamEnd: end,
            isStreaming: true,
            replayAge: .milliseconds(40),
            serverVersion: 150006
        )
        return status
    }

    private static var syncTakingOver: ScriptedStatus {
        var status = standby(.sync, 3)
        status.view.activePeers = [peer(3), peer(1)]
        status.view.pending = [.clusterWriteOrWait]
        status.view.reasons = [
            .assumed(.sync, Generation(4)),
            .takingOver(from: peer(2).id, .absent, candidate: peer(1).id),
        ]
        status.postgres.replication?.isStreaming = false
        status.postgres.replication?.upstreamEnd = nil
        return status
    }

    private static var deposed: ScriptedStatus {
        var status = standby(.deposed, 1)
        status.view.state?.state.async = []
        status.view.state?.state.deposed = [peer(1)]
        status.view.pending = [.postgresTransition]
        status.view.reasons = [
            .assumed(.deposed, Generation(4)), .reconciling(behind: peer(3).id),
        ]
        status.postgres = PostgresStatus(
            healthy: false,
            error: "postgres is not running",
            position: WALPosition(timeline: TimelineID(2), lsn: LSN(0x3_0000_0028))
        )
        return status
    }

    // MARK: What they saw

    private static var picture: ShardPicture {
        ShardPicture(
            time: noon,
            postgres: [
                peer(2).id: .answered(PostgresReport(replication: [row(3, "sync", behind: 312)])),
                peer(3).id: .answered(
                    PostgresReport(
                        replication: [row(1, "async", behind: 1_736_704)],
                        replayLag: .milliseconds(12)
                    )
                ),
                peer(1).id: .answered(PostgresReport(replayLag: .milliseconds(430))),
            ],
            history: [
                chapter(1, primary: 1, hours: 700, "cluster setup for normal (multi-peer) mode"),
                chapter(
                    2,
                    primary: 1,
                    hours: 190,
                    "primary (db1) selected new sync (was db2, now db3)"
                ),
                chapter(
                    3,
                    primary: 1,
                    hours: 189,
                    "primary (db1) selected new sync (was db3, now db2)"
                ),
                chapter(4, primary: 2, hours: 2, "sync (db2) took over as primary (from db1)"),
                chapter(4, primary: 2, hours: 1, "async \"db1\" added, \"db1\" no longer deposed"),
            ],
            storeRoundTrip: .milliseconds(2)
        )
    }

    private static func chapter(
        _ generation: Int,
        primary: Int,
        hours: Int64,
        _ summary: String
    ) -> ShardPicture.Chapter {
        var state = state.state
        state.generation = Generation(generation)
        state.primary = peer(primary)
        return ShardPicture.Chapter(
            time: WallTime(milliseconds: noon.milliseconds - hours * 3_600_000 - 754_321),
            state: state,
            summary: summary
        )
    }

    /// The journal of a takeover that took 2.1 s, most of them until it was noticed.
    static let pastOfTakeover: Journal = {
        let begin = noon.milliseconds - 7_200_000
        var journal = Journal(epoch: WallTime(milliseconds: begin - 1000))
        var elapsed: Int64 = 0
        var view = PeerMachine(PeerMachine.Configuration(peer: peer(2))).view
        view.role = .sync
        view.generation = Generation(3)
        view.activePeers = [peer(1), peer(2), peer(3)]
        var now: Moment {
            Moment(
                Instant(.milliseconds(elapsed)),
                wall: WallTime(milliseconds: begin + elapsed)
            )
        }
        func step(
            after milliseconds: Int64,
            _ event: PeerEvent,
            _ actions: [PeerAction],
            _ change: (inout PeerView) -> Void = { _ in }
        ) {
            elapsed += milliseconds
            let before = view
            change(&view)
            _ = journal.observe(
                PeerStep(event: event, actions: actions, before: before, after: view, moment: now)
            )
        }
        let attempt = Attempt(1)
        journal.noticed(DetectionCause("the stream from the primary ended"), at: now)
        step(
            after: 1830,
            .activePeersChanged([peer(2), peer(3)]),
            [
                .report(.takingOver(from: peer(1).id, .absent, candidate: peer(3).id)),
                .stopAcknowledgements(attempt, .detachFromUpstream),
            ]
        ) { $0.activePeers = [peer(2), peer(3)] }
        let sample = WALSample(end: WALPosition(timeline: TimelineID(2), lsn: LSN(0x3_0000_0028)))
        step(after: 14, .acknowledgementsStopped(attempt, .success(sample)), [])
        step(
            after: 22,
            .stateWritten(attempt, .written(StateVersion(16))),
            [
                .report(.assumed(.primary, Generation(4))),
                .configurePostgres(
                    attempt,
                    .primary(.init(generation: Generation(4), sync: peer(3)))
                ),
            ]
        ) {
            $0.role = .primary
            $0.generation = Generation(4)
        }
        step(after: 121, .postgresConfigured(attempt, .success(nil)), [])
        elapsed += 96
        journal.attached(in: Generation(4), at: now)
        step(
            after: 9,
            .writesOpened(Generation(4)),
            [.report(.writesOpened(Generation(4)))]
        )
        return journal
    }()
}
