import Foundation
import ManateeCore
import ManateeLocal
import ManateeWire
import Testing
import ZooKeeperClient

@Suite(
    "manatee-primary-ip",
    .serialized,
    .timeLimit(.minutes(2)),
    .zooKeeper(servers: 1)
)
struct PrimaryIPTests {
    private static let program = URL(filePath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent()
        .appending(path: ".build/debug/manatee-primary-ip").path

    /// Runs the program with a configuration of this text; its output with what it complains about.
    private func run(_ text: String, _ more: String...) async throws -> (Int32, String) {
        try await withTemporaryDirectory { directory in
            let config = directory + "/config.json"
            try text.write(toFile: config, atomically: true, encoding: .utf8)
            return try await Self.run([config] + more, in: directory)
        }
    }

    private static func run(
        _ arguments: [String],
        in directory: String
    ) async throws -> (Int32, String) {
        let log = directory + "/output"
        let launch = ChildProcess.Launch(program: program, arguments: arguments, logFile: log)
        let exit = await (try await ChildProcess.start(launch)).waitForExit()
        let output = try String(contentsOfFile: log, encoding: .utf8)
        guard case .code(let status)? = exit else { return (-1, output) }
        return (status, output)
    }

    private func configuration(_ path: String, servers: String? = nil) throws -> String {
        let servers = try servers ?? RunningStore.shared().ensemble.connectionString
        return #"{"moray": {"path": "\#(path)", "zk": {"connStr": "\#(servers)"}}}"#
    }

    @Test func `prints the primary's address, and before there is one the first peer's`()
        async throws
    {
        let store = try RunningStore.shared()
        try await store.withClient { client in
            for path in ["/shard", "/shard/election"] { try await client.create(path) }
            var outcome = try await run(configuration("/shard"))
            #expect(outcome.0 == 1)
            #expect(outcome.1.contains("the shard /shard has no peers"))
            try await client.create(
                "/shard/election/10.0.0.7:5432:12345-",
                mode: .ephemeralSequential
            )
            outcome = try await run(configuration("/shard"))
            #expect(outcome == (0, "10.0.0.7\n"))
            try await client.create(
                "/shard/state",
                data: ClusterStateJSON.encode(.example(2))
            )
            outcome = try await run(configuration("/shard/"))
            #expect(outcome == (0, "10.0.0.9\n"))
            try await client.set("/shard/state", data: Array("nonsense".utf8), version: nil)
            outcome = try await run(configuration("/shard"))
            #expect(outcome.0 == 1)
            #expect(outcome.1.contains("/shard/state"))
        }
    }

    @Test func `ends with a status of its own for each thing that is wrong`() async throws {
        try await withTemporaryDirectory { directory in
            var outcome = try await Self.run([], in: directory)
            #expect(outcome.0 == 2)
            #expect(outcome.1.contains("config"))
            outcome = try await Self.run([directory + "/missing.json"], in: directory)
            #expect(outcome.0 == 78)
        }
        var outcome = try await run("{}")
        #expect(outcome.0 == 78)
        #expect(outcome.1.contains("no section with both path and zk"))
        outcome = try await run(configuration("/shard", servers: "127.0.0.1:1"), "--timeout", "2")
        #expect(outcome.0 == 3)
        #expect(outcome.1.contains("ZooKeeper at 127.0.0.1:1 was not reached within 2 s"))
    }
}
