import Foundation
import ManateeLocal
import Testing

/// A local shard whose sitters only sleep, with a real ZooKeeper: what is started, and what is left.
@Suite("A local shard", .serialized, .timeLimit(.minutes(2)))
struct DevShardTests {
    /// `tail -f FILE` runs until it is ended, as a sitter does.
    private static func options() throws -> DevShard.Options {
        var options = DevShard.Options(sitterProgram: "/usr/bin/tail")
        options.peers = 2
        options.firstPort = try FreePorts.takeRow(of: 100)
        return options
    }

    private func withDirectory(_ body: (DevDirectory) async throws -> Void) async throws {
        let directory = DevDirectory(
            path: FileManager.default.temporaryDirectory.path
                + "/manatee-shard-\(UInt32.random(in: 0 ... .max))"
        )
        do {
            try await body(directory)
        } catch {
            try? directory.remove()
            throw error
        }
        try directory.remove()
    }

    private func running(_ directory: DevDirectory) -> [String] {
        ["sitter1", "sitter2", "zookeeper1"].filter {
            PidFile(path: directory.pidFile($0)).running != nil
        }
    }

    @Test func `starts everything, and stops everything`() async throws {
        try await withDirectory { directory in
            let shard = try await DevShard.prepare(in: directory, Self.options())
            try await shard.startAll()
            #expect(running(directory) == ["sitter1", "sitter2", "zookeeper1"])
            let status = try await shard.status()
            #expect(status == ShardStatus(state: nil, present: [], links: [:], isWritable: false))
            await shard.kill(1)
            #expect(running(directory) == ["sitter2", "zookeeper1"])
            await shard.stopAll()
            #expect(running(directory) == [])
        }
    }

    @Test func `ends what an earlier run left behind, and keeps its ports`() async throws {
        try await withDirectory { directory in
            // Forgotten, as if its process had been killed: nobody stops it.
            let first = try await DevShard.prepare(in: directory, Self.options())
            try await first.startAll()
            let before = ["sitter1", "sitter2", "zookeeper1"].compactMap {
                PidFile(path: directory.pidFile($0)).running
            }
            #expect(before.count == 3)
            let second = try await DevShard.prepare(in: directory, Self.options())
            #expect(second.settings == first.settings)
            #expect(before.allSatisfy { !$0.isRunning })
            await second.stopAll()
        }
    }

    @Test func `says which sitter ended by itself, and why`() async throws {
        try await withDirectory { directory in
            var options = try Self.options()
            options.sitterProgram = "/bin/false"
            let shard = try await DevShard.prepare(in: directory, options)
            try await shard.startAll()
            await #expect {
                try await shard.waitUntilHealthy(within: .seconds(30))
            } throws: { error in
                "\(error)".contains("the sitter of peer 1 ended by itself with exit status 1")
            }
            await shard.stopAll()
        }
    }

    @Test func `says what it waited for in vain`() async throws {
        try await withDirectory { directory in
            let shard = try await DevShard.prepare(in: directory, Self.options())
            try await shard.startAll()
            await #expect {
                try await shard.waitUntil("a miracle", within: .milliseconds(300)) { _ in false }
            } throws: { error in
                "\(error)".contains("waited 0.300 s for a miracle; last seen: no cluster state yet")
            }
            await shard.stopAll()
        }
    }

    @Test func `finds postgres by where it works, and nothing else`() async throws {
        try await withDirectory { directory in
            try directory.prepare()
            let data = directory.dataDirectory(1)
            try FileManager.default.createDirectory(
                atPath: data,
                withIntermediateDirectories: true
            )
            let program = directory.path + "/postgres"
            try FileManager.default.copyItem(atPath: "/usr/bin/tail", toPath: program)
            func start(_ program: String, in directory: String) async throws -> ChildProcess {
                var launch = ChildProcess.Launch(
                    program: program,
                    arguments: ["-f", "/dev/null"],
                    logFile: "/dev/null"
                )
                launch.directory = directory
                return try await ChildProcess.start(launch)
            }
            let server = try await start(program, in: data)
            let elsewhere = try await start(program, in: directory.path)
            let other = try await start("/usr/bin/tail", in: data)
            // The kernel shows the new program a moment after the start.
            try await Waiting.until("the server's own program", within: .seconds(5)) {
                ServerProcesses.running(in: data).map(\.pid) == [server.processID]
                    ? .there(()) : .notYet("\(ServerProcesses.running(in: data))")
            }
            await ServerProcesses.end(in: data, patience: .milliseconds(100))
            #expect(await server.waitForExit() != nil)
            #expect(elsewhere.isRunning)
            #expect(other.isRunning)
            await elsewhere.stop()
            await other.stop()
        }
    }
}
