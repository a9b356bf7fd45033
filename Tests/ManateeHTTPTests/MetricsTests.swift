import Foundation
import HTTPTypes
import HummingbirdTesting
import ManateeCore
import ManateeJournal
import ManateePorts
import NIOCore
import Testing

@testable import ManateeHTTP

@Suite("The metrics")
struct MetricsTests {
    private static let root = URL(filePath: #filePath).deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent()

    /// The whole text that a sitter in this state prints.
    private func text(
        _ status: ScriptedStatus,
        _ query: String = "",
        accept: String? = nil
    ) async throws -> String {
        var status = status
        status.space = SpaceStatus(level: .critical, space: nil, hasReserve: true)
        var asking = Asking(status: status)
        asking.surroundings.picture = ShardPicture(
            time: WallTime(milliseconds: 0),
            issues: [ShardPicture.Issue(isError: true, text: "cluster has no sync peer")],
            storeRoundTrip: .milliseconds(3)
        )
        var headers = HTTPFields()
        headers[.accept] = accept
        let response = try await asking.ask("/metrics" + query, headers: headers)
        #expect(response.status == .ok)
        return String(buffer: response.body)
    }

    /// A copy of which a quarter has come.
    private static func copy(_ outcome: RestoreStatus.Outcome) -> RestoreStatus {
        let source = PeerID("10.0.0.7:5432:12345")
        var copy = RestoreStatus(id: "a", source: source, method: .whole)
        copy.outcome = outcome
        copy.total = 4096
        copy.completed = 1024
        copy.bytesPerSecond = 512
        return copy
    }

    /// One peer that is heard, and one that never was.
    private static let heard = [
        PeerHearing(
            peer: ScriptedStatus.peer(2).id,
            isConnected: true,
            age: .milliseconds(250),
            roundTrip: .milliseconds(2)
        ),
        PeerHearing(peer: PeerID("10.0.0.99:5432:12345"), isConnected: false),
    ]

    /// One peer that said that its postgres is gone.
    private static let judged = [
        PeerView.Sighting(
            id: ScriptedStatus.peer(2).id,
            judgement: .gone(.ownWord("exited with status 1")),
            word: nil
        )
    ]

    /// What a shard prints in all: a primary that has failed over, and a standby.
    private func everything() async throws -> String {
        var primary = ScriptedStatus.working
        primary.past = DashboardState.pastOfTakeover
        var standby = ScriptedStatus.standby(.sync, lag: 4096)
        standby.postgres.restore = Self.copy(.running)
        standby.configuration = ConfigurationStatus(version: 4, problem: "not YAML")
        standby.heard = Self.heard
        standby.view.judgements = Self.judged
        standby.snapshots = SnapshotStatus(
            count: 3,
            newestMilliseconds: 1_700_000_000_000,
            bytes: 8192
        )
        let view = standby.view
        _ = standby.past.observe(
            PeerStep(
                event: .storeDisconnected,
                actions: [.report(.postgresNotReady(.takeOver))],
                before: view,
                after: view,
                moment: Moment(Instant(), wall: WallTime(milliseconds: 0))
            )
        )
        return try await text(primary) + text(standby)
    }

    /// The names of samples, and of the families that they belong to.
    private func names(in text: String) -> Set<String> {
        Set(
            text.split(separator: "\n").map { line in
                line.hasPrefix("#")
                    ? String(line.split(separator: " ")[2]) : String(line.prefix { $0 != "{" })
            }
        )
    }

    @Test func `tell role, generation, gate and position of a primary`() async throws {
        let lines = Set(try await text(.working).split(separator: "\n").map(String.init))
        let labels = "{shard=\"1.moray\",peer=\"zone7\""
        #expect(lines.contains("manatee_role\(labels),role=\"primary\"} 1"))
        #expect(lines.contains("manatee_role\(labels),role=\"sync\"} 0"))
        #expect(lines.contains("manatee_generation\(labels)} 7"))
        #expect(lines.contains("manatee_writes_open\(labels)} 1"))
        #expect(lines.contains("manatee_wal_position_bytes\(labels)} 4294967296"))
        #expect(lines.contains("manatee_store_round_trip_seconds\(labels)} 0.003"))
        #expect(
            lines.contains("manatee_member_lag_bytes\(labels),member=\"zone2\",role=\"sync\"} 4096")
        )
        #expect(lines.contains("manatee_issues\(labels),level=\"error\"} 1"))
        #expect(lines.contains { $0.hasPrefix("process_resident_memory_bytes{") })
        #expect(lines.contains { $0.hasPrefix("manatee_disk_free_bytes{") })
        #expect(lines.contains("manatee_disk_level\(labels),level=\"critical\"} 1"))
        #expect(lines.contains("manatee_disk_level\(labels),level=\"enough\"} 0"))
        #expect(lines.contains("manatee_disk_reserve\(labels)} 1"))
    }

    @Test func `tell how far a standby is behind, in bytes and seconds`() async throws {
        let text = try await text(.standby(.sync, lag: 4096))
        #expect(
            text.contains("manatee_replication_lag_bytes{shard=\"1.moray\",peer=\"zone7\"} 4096\n")
        )
        #expect(
            text.contains("manatee_replication_lag_seconds{shard=\"1.moray\",peer=\"zone7\"} 1.5\n")
        )
        #expect(
            text.contains("manatee_replication_streaming{shard=\"1.moray\",peer=\"zone7\"} 1\n")
        )
    }

    @Test func `have a histogram of each phase, and of the whole`() async throws {
        var status = ScriptedStatus.working
        status.past = DashboardState.pastOfTakeover
        let text = try await text(status)
        let labels = "{shard=\"1.moray\",peer=\"zone7\""
        for phase in FailoverPhase.allCases {
            #expect(
                text.contains(
                    "manatee_failover_phase_seconds_count\(labels),phase=\"\(phase.rawValue)\"} 1\n"
                )
            )
        }
        #expect(text.contains("manatee_failover_seconds_bucket\(labels),le=\"2.5\"} 1\n"))
        #expect(text.contains("manatee_failover_seconds_bucket\(labels),le=\"1\"} 0\n"))
        #expect(text.contains("manatee_decisions_total\(labels),reason=\"taking_over\"} 1\n"))
    }

    @Test(arguments: [nil, "application/openmetrics-text;version=1.0.0,text/plain;q=0.5"])
    func `name each family once, before its samples`(accept: String?) async throws {
        let text = try await text(.working, "?patroni=1", accept: accept)
        var seen: Set<Substring> = []
        var family: Substring = ""
        for line in text.split(separator: "\n") where line != "# EOF" {
            if line.hasPrefix("# HELP ") {
                family = line.split(separator: " ")[2]
                #expect(seen.insert(family).inserted, "\(family) comes twice")
            } else {
                let name = line.hasPrefix("#") ? line.split(separator: " ")[2] : line[...]
                #expect(name.hasPrefix(family), "\(line)")
            }
        }
        #expect(text.hasSuffix("# EOF\n") == (accept != nil))
    }

    @Test func `repeat what Patroni measures under its names when asked to`() async throws {
        let without = names(in: try await text(.working))
        #expect(!without.contains { $0.hasPrefix("patroni_") })
        let text = try await text(.working, "?patroni=1")
        for line in [
            "patroni_primary{scope=\"1.moray\",name=\"zone7\"} 1",
            "patroni_xlog_location{scope=\"1.moray\",name=\"zone7\"} 4294967296",
            "patroni_postgres_server_version{scope=\"1.moray\",name=\"zone7\"} 150006",
            "patroni_version{scope=\"1.moray\",name=\"zone7\"} 20000",
        ] {
            #expect(text.contains(line + "\n"), "\(line)")
        }
    }

    @Test(arguments: [
        (RestoreStatus.Outcome.running, "running"), (.done, "done"), (.failed("no room"), "failed"),
    ])
    func `tell how a copy goes`(outcome: RestoreStatus.Outcome, word: String) async throws {
        var status = ScriptedStatus.standby(.sync, lag: 0)
        #expect(!(try await text(status)).contains("manatee_restore_"))
        status.postgres.restore = Self.copy(outcome)
        let lines = try await text(status).split(separator: "\n")
        for state in ["running", "done", "failed"] {
            let line = lines.first {
                $0.hasPrefix("manatee_restore_state{") && $0.contains("state=\"\(state)\"")
            }
            #expect(line?.hasSuffix(state == word ? " 1" : " 0") == true, "\(state)")
        }
        #expect(lines.contains { $0.hasPrefix("manatee_restore_bytes{") && $0.hasSuffix(" 1024") })
    }

    @Test func `tell which configuration is in force`() async throws {
        var status = ScriptedStatus.working
        for (problem, value) in [(nil, "0"), ("not YAML", "1")] {
            status.configuration = ConfigurationStatus(version: 4, problem: problem)
            let lines = try await text(status).split(separator: "\n")
            let version = "manatee_configuration_version{"
            let flag = "manatee_configuration_problem{"
            #expect(lines.contains { $0.hasPrefix(version) && $0.hasSuffix(" 4") })
            #expect(lines.contains { $0.hasPrefix(flag) && $0.hasSuffix(" \(value)") })
        }
    }

    @Test func `tell how each other peer is heard, by its zone where that is known`() async throws {
        var status = ScriptedStatus.working
        #expect(!(try await text(status)).contains("manatee_heartbeat_"))
        status.heard = Self.heard
        let lines = try await text(status).split(separator: "\n").filter {
            $0.hasPrefix("manatee_heartbeat_")
        }
        let labels = "{shard=\"1.moray\",peer=\"zone7\",member="
        #expect(
            lines == [
                "manatee_heartbeat_connected\(labels)\"zone2\"} 1",
                "manatee_heartbeat_connected\(labels)\"10.0.0.99:5432:12345\"} 0",
                "manatee_heartbeat_age_seconds\(labels)\"zone2\"} 0.25",
                "manatee_heartbeat_round_trip_seconds\(labels)\"zone2\"} 0.002",
            ]
        )
    }

    @Test func `tell what the evidence about each other peer comes to`() async throws {
        var status = ScriptedStatus.working
        #expect(!(try await text(status)).contains("manatee_peer_judgement"))
        status.view.judgements = Self.judged
        let lines = try await text(status).split(separator: "\n").filter {
            $0.hasPrefix("manatee_peer_judgement{")
        }
        let labels = "manatee_peer_judgement{shard=\"1.moray\",peer=\"zone7\",member=\"zone2\""
        #expect(
            lines == [
                "\(labels),judgement=\"unheard\"} 0", "\(labels),judgement=\"alive\"} 0",
                "\(labels),judgement=\"suspected\"} 0", "\(labels),judgement=\"gone\"} 1",
            ]
        )
    }

    @Test func `tell the snapshots, and leave out what is not known of them`() async throws {
        var status = ScriptedStatus.working
        #expect(!(try await text(status)).contains("manatee_snapshot"))
        status.snapshots = SnapshotStatus(count: 0)
        let none = try await text(status)
        #expect(none.contains("manatee_snapshots{shard=\"1.moray\",peer=\"zone7\"} 0\n"))
        #expect(!none.contains("manatee_snapshot_"))
        let now = ScriptedSurroundings().now
        status.snapshots = SnapshotStatus(
            count: 2,
            newestMilliseconds: now.milliseconds - 90_500,
            bytes: 4096
        )
        let two = try await text(status)
        #expect(
            two.contains("manatee_snapshot_age_seconds{shard=\"1.moray\",peer=\"zone7\"} 90.5\n")
        )
        #expect(two.contains("manatee_snapshot_bytes{shard=\"1.moray\",peer=\"zone7\"} 4096\n"))
    }

    @Test func `escape what peers are called`() async throws {
        var metrics = MetricsText(.prometheus, shared: [("peer", "a\"b\\c\nd")])
        metrics.gauge("x", "An x.", 1)
        #expect(metrics.finished().hasSuffix("x{peer=\"a\\\"b\\\\c\\nd\"} 1\n"))
    }

    @Test(arguments: [
        "etc/grafana/manatee.json", "etc/prometheus/manatee.rules.yaml",
        "docs/operating/metrics.md",
    ])
    func `exist if a dashboard, a rule or the documentation names them`(file: String) async throws {
        let shipped = try String(contentsOf: Self.root.appending(path: file), encoding: .utf8)
        let used = Set(
            shipped.matches(of: /\b(manatee|process)_[a-z_]+\b/).map { String($0.output.0) }
        )
        let printed = names(in: try await everything())
        #expect(used.count > 10)
        #expect(used.subtracting(printed) == [])
    }

    @Test func `are documented`() async throws {
        let page = Self.root.appending(path: "docs/operating/metrics.md")
        let text = try String(contentsOf: page, encoding: .utf8)
        let families = Set(
            try await everything().split(separator: "\n").filter { $0.hasPrefix("# TYPE manatee_") }
                .map { String($0.split(separator: " ")[2]) }
        )
        #expect(families.filter { !text.contains("`\($0)") } == [])
    }

    @Test(.enabled(if: Promtool.path != nil, "promtool is not installed (Debian: prometheus)"))
    func `and the rules are what Prometheus understands`() async throws {
        let rules = Self.root.appending(path: "etc/prometheus/manatee.rules.yaml")
        let checked = try await Promtool.run(["check", "rules", rules.path])
        #expect(checked.status == 0, "\(checked.output)")
        let cases = Self.root.appending(path: "etc/prometheus/manatee.rules.test.yaml")
        let tested = try await Promtool.run(["test", "rules", cases.path])
        #expect(tested.status == 0, "\(tested.output)")
        let file = FileManager.default.temporaryDirectory
            .appending(path: "manatee-metrics-\(UUID().uuidString).txt")
        try await text(.working).write(to: file, atomically: true, encoding: .utf8)
        defer { try? FileManager.default.removeItem(at: file) }
        let metrics = try await Promtool.run(["check", "metrics"], input: file)
        #expect(metrics.status == 0, "\(metrics.output)")
    }
}

/// The tool that comes with Prometheus.
private enum Promtool {
    static let path = ["/usr/bin/promtool", "/usr/local/bin/promtool"].first {
        FileManager.default.isExecutableFile(atPath: $0)
    }

    static func run(
        _ arguments: [String],
        input: URL? = nil
    ) async throws -> (status: Int32, output: String) {
        let process = Process()
        process.executableURL = URL(filePath: try #require(path))
        process.arguments = arguments
        let pipe = Pipe()
        process.standardOutput = pipe
        process.standardError = pipe
        process.standardInput = try input.map { try FileHandle(forReadingFrom: $0) }
        try process.run()
        let output = try pipe.fileHandleForReading.readToEnd() ?? Data()
        process.waitUntilExit()
        return (process.terminationStatus, String(decoding: output, as: UTF8.self))
    }
}
