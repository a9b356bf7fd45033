import ManateeAdmin
import ManateeCore
import ManateePorts
import Synchronization
import Testing

@Suite("The tool")
struct CommandTests {
    @Test func `ends without complaint when nobody reads its output`() async throws {
        let example = Example(try #require(ExampleCluster.named("normalOk")))
        #expect(await example.run(["show"], Broken(failure: .closed)) == .success)
    }

    @Test func `ends with 1 when its output cannot be written`() async throws {
        let example = Example(try #require(ExampleCluster.named("normalOk")))
        let failure = OutputFailure.failed("No space left on device")
        #expect(await example.run(["show"], Broken(failure: failure)) == .failure)
    }

    @Test func `takes options before the environment`() async throws {
        let example = Example(try #require(ExampleCluster.named("normalOk")))
        _ = await example.run(["verify", "-s", "other", "--zk=10.0.0.9:2181"])
        #expect(example.shard.content.withLock { $0.connections } == ["other at 10.0.0.9:2181"])
    }

    @Test(.timeLimit(.minutes(1)))
    func `asks every postgres at the same time, the deposed ones too`() async throws {
        let cluster = try #require(ExampleCluster.named("normal5Peers2Deposed"))
        let probe = Rendezvous(expected: cluster.sightings.count)
        var example = Example(cluster)
        example.probe = probe
        let result = await example.run(["pg-status", "-H", "-o", "pg-online"])
        #expect(result.standardOutput == String(repeating: "ok  \n", count: 7))
    }

    @Test func `asks no postgres when only the store is asked for`() async throws {
        var example = Example(try #require(ExampleCluster.named("normalOk")))
        let probe = Rendezvous(expected: 1)
        example.probe = probe
        for command in ["peers", "history", "zk-state", "zk-active"] {
            _ = await example.run([command])
        }
        #expect(await probe.arrived == 0)
    }

    @Test(arguments: [(nil, "1.0 seconds"), ("0.25", "0.25 seconds")])
    func `gives each postgres the time it was told`(given: String?, limit: String) async throws {
        var example = Example(try #require(ExampleCluster.named("singletonOk")))
        let probe = Rendezvous(expected: 1)
        example.probe = probe
        _ = await example.run(["verify"] + (given.map { ["--timeout", $0] } ?? []))
        #expect(await probe.limits.map(\.description) == [limit])
    }

    @Test func `takes the sitter's configuration from an option or the environment`() async throws {
        var example = Example(try #require(ExampleCluster.named("singletonOk")))
        let paths = Paths()
        example.paths = paths
        _ = await example.run(["verify"])
        example.environment["MANATEE_SITTER_CONFIG"] = "/etc/sitter.yaml"
        _ = await example.run(["pg-status"])
        _ = await example.run(["show", "-c", "/tmp/sitter.json"])
        let expected = ["-", "/etc/sitter.yaml", "/tmp/sitter.json"]
        #expect(paths.seen.withLock { $0 } == expected)
        #expect(example.storePaths.seen.withLock { $0 } == expected)
    }

    @Test func `says why the probe cannot be made`() async throws {
        var example = Example(try #require(ExampleCluster.named("singletonOk")))
        example.probe = nil
        let result = await example.run(["verify", "-c", "/nowhere"])
        #expect(
            result
                == Example.Result(
                    standardOutput: "error: failed to fetch cluster state\n",
                    standardError: "manatee-adm: error: /nowhere: no such file\n",
                    exit: .failure
                )
        )
    }

    @Test func `repeats for ever without a count, and goes on when the store comes back`()
        async throws
    {
        var example = Example(try #require(ExampleCluster.named("singletonOk")))
        example.shard.content.withLock { $0.trouble = .unreachable }
        let shard = example.shard
        let rounds = Mutex(0)
        example.pause = { _ in
            let round = rounds.withLock { round -> Int in
                round += 1
                return round
            }
            if round == 2 { shard.content.withLock { $0.trouble = .none } }
            if round == 4 { throw CancellationError() }
        }
        let result = await example.run(["pg-status", "5", "-H", "-o", "role"])
        #expect(result.standardOutput == "primary \nprimary \n")
        #expect(result.standardError.split(separator: "\n").count == 2)
    }

    @Test func `waits for the period between two rounds, and not after the last`() async throws {
        var example = Example(try #require(ExampleCluster.named("singletonOk")))
        let pauses = Mutex<[Duration]>([])
        example.pause = { pause in pauses.withLock { $0.append(pause) } }
        _ = await example.run(["pg-status", "7", "3"])
        #expect(pauses.withLock { $0 } == [.seconds(7), .seconds(7)])
    }

    @Test func `reads a cluster from a file when it is told to`() async throws {
        var example = Example()
        example.environment["MANATEE_ADM_TEST_STATE"] = "/tmp/state.json"
        let cluster = try #require(ExampleCluster.named("normalSdown"))
        let state = StateText(cluster.state).text
        example.files["/tmp/state.json"] = """
            {"state":\(state),"postgres":{
            "10.0.0.1:5432:12345":{"replication":[{"application_name":"10.0.0.2:5432:12345",
            "client_addr":"10.0.0.2","state":"streaming","sync_state":"sync",
            "sent_lsn":"0/12345678","flush_lsn":"0/12345678","replay_lsn":"0/12345678"}]},
            "10.0.0.2:5432:12345":{"error":"ECONNREFUSED"},
            "10.0.0.3:5432:12345":{"replication":[],"lagSeconds":342}}}
            """
        let expected = await Example(cluster).run(["show"])
        #expect(await example.run(["show"]) == expected)
        #expect(example.shard.content.withLock { $0.connections }.isEmpty)
    }
}

/// Output that cannot be written.
private struct Broken: AdmOutput {
    let failure: OutputFailure

    func write(_ text: String, to channel: AdmChannel) throws(OutputFailure) { throw failure }

    func isTerminal(_ channel: AdmChannel) -> Bool { false }
}

/// A probe that answers nobody before all have asked.
private actor Rendezvous: PostgresProbe {
    private let expected: Int
    private(set) var arrived = 0
    private(set) var limits: [Duration] = []
    private var waiting: [CheckedContinuation<Void, Never>] = []

    init(expected: Int) {
        self.expected = expected
    }

    func probe(_ peer: Peer, within limit: Duration) async -> PostgresSighting {
        arrived += 1
        limits.append(limit)
        if arrived < expected {
            await withCheckedContinuation { waiting.append($0) }
        } else {
            for continuation in waiting { continuation.resume() }
        }
        return .answered(PostgresReport())
    }
}
