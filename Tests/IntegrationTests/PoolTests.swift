import Foundation
import ManateeCore
import ManateeLocal
import Testing

/// Where Debian puts it.
private enum PgBouncerProgram {
    static let path = "/usr/sbin/pgbouncer"
}

@Suite(
    "PgBouncer before the proxy",
    .serialized,
    .timeLimit(.minutes(5)),
    .enabled(
        if: FileManager.default.isExecutableFile(atPath: PgBouncerProgram.path),
        "install the package pgbouncer"
    )
)
struct PoolTests {
    private static let examples = URL(filePath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        .appending(path: "etc/pgbouncer")

    @Test func `fails no transaction while the primary is changed between PAUSE and RESUME`()
        async throws
    {
        let port = try FreePorts.take(1)[0]
        try await RunningShard.with { running in
            try await withPool(on: port, before: running) { proxy in
                try await switchOver(running, proxy, port) { sync in
                    try await running.run(
                        Self.examples.appending(path: "switchover-paused").path,
                        [
                            RunningShard.programs + "/manatee-adm", "promote", "-y", "-r", "sync",
                            "-n", sync.zoneID,
                        ],
                        environment: [
                            "PGBOUNCERS": console(port), "PGPASSFILE": running.directory.passfile,
                        ]
                    )
                }
            }
        }
    }

    @Test func `fails no transaction of a switchover whose hooks PAUSE and RESUME`() async throws {
        let port = try FreePorts.take(1)[0]
        let hook = Self.examples.appending(path: "hook").path
        try await RunningShard.with(
            sitterLines: { directory in
                let words =
                    "/usr/bin/env, \"PGBOUNCERS=\(console(port))\", "
                    + "\"PGPASSFILE=\(directory.passfile)\", \"\(hook)\""
                return [
                    "hooks:",
                    "  limit: 15s",
                    "  beforeSwitchover: [\(words), pause]",
                    "  afterSwitchover: [\(words), resume]",
                ]
            },
            { running in
                try await withPool(on: port, before: running) { proxy in
                    try await switchOver(running, proxy, port) { _ in
                        try await running.run("manatee-adm", "switchover", "-y")
                    }
                    let logs = try (1...3).map {
                        try String(contentsOfFile: running.directory.logFile($0), encoding: .utf8)
                    }
                    for hook in ["beforeSwitchover", "afterSwitchover"] {
                        let told = logs.flatMap { $0.split(separator: "\n") }.filter {
                            $0.contains("hook ran") && $0.contains(hook)
                        }
                        #expect(told.count == 1, "\(told)")
                    }
                }
            }
        )
    }

    private func console(_ port: Int) -> String {
        "postgresql://app@127.0.0.1:\(port)/pgbouncer"
    }

    private func withPool(
        on port: Int,
        before running: RunningShard,
        _ body: (RunningProxy) async throws -> Void
    ) async throws {
        try await RunningProxy.with(running) { proxy in
            let pool = try await start(on: port, before: proxy)
            do {
                try await body(proxy)
            } catch {
                await pool.stop(patience: .seconds(5))
                throw error
            }
            await pool.stop(patience: .seconds(5))
        }
    }

    private func switchOver(
        _ running: RunningShard,
        _ proxy: RunningProxy,
        _ port: Int,
        by change: (Peer) async throws -> (status: Int, output: String)
    ) async throws {
        let address = ["-h", "127.0.0.1", "-p", "\(port)"]
        try await Waiting.until("the tables, made through the pool", within: .seconds(20)) {
            let made = try await proxy.client("pgbench", ["-i", "-q", "-s", "1"] + address)
            return made.status == 0 ? .there(()) : .notYet(made.output)
        }
        let load = try await proxy.start(
            "pgbench",
            ["-n", "-c", "4", "-T", "20", "-P", "1"] + address
        )
        try await Waiting.until("the load", within: .seconds(20)) {
            let text = try String(contentsOfFile: load.log, encoding: .utf8)
            return text.contains("progress: 2") ? .there(()) : .notYet(text)
        }
        let sync = try #require(try await running.shard.status().state?.sync)
        let outcome = try await change(sync)
        #expect(outcome.status == 0, "\(outcome.output)")
        #expect(await load.process.waitForExit() == .code(0))
        let text = try String(contentsOfFile: load.log, encoding: .utf8)
        #expect(text.contains("number of failed transactions: 0"), "\(text)")
        #expect(!text.contains("aborted"), "\(text)")
        let state = try #require(try await running.shard.status().state)
        #expect(state.generation == Generation(2))
        #expect(state.primary.id == sync.id)
        // What was acknowledged on the way is there.
        let processed = try #require(text.firstMatch(of: /actually processed: (\d+)/)?.output.1)
        let rows = try await proxy.psql("select count(*) from pgbench_history")
        #expect(rows.output == "\(processed)\n")
        print("through the pause: \(processed) transactions, none failed")
        try await running.shard.waitUntilHealthy(within: .seconds(60))
    }

    /// PgBouncer with the shipped example, but for ports, files and the name of its administrator.
    private func start(on port: Int, before proxy: RunningProxy) async throws -> ChildProcess {
        let directory = proxy.shard.directory.path
        let line = try String(contentsOfFile: proxy.shard.directory.passfile, encoding: .utf8)
        let password = line.split(whereSeparator: \.isNewline)[0].split(separator: ":")[4]
        let users = directory + "/userlist.txt"
        try "\"app\" \"\(password)\"\n".write(toFile: users, atomically: true, encoding: .utf8)
        let example = try String(
            contentsOf: Self.examples.appending(path: "pgbouncer.ini"),
            encoding: .utf8
        )
        let configuration =
            example
            .replacing("port=6432", with: "port=\(proxy.writes)")
            .replacing("port=6433", with: "port=\(proxy.reads)")
            .replacing("listen_port = 6431", with: "listen_port = \(port)")
            .replacing("/etc/pgbouncer/userlist.txt", with: users)
            .replacing("pooladmin", with: "app")
        let file = directory + "/pgbouncer.ini"
        try configuration.write(toFile: file, atomically: true, encoding: .utf8)
        var launch = ChildProcess.Launch(
            program: PgBouncerProgram.path,
            arguments: [file],
            logFile: directory + "/pgbouncer.log"
        )
        // It refuses to run as root.
        launch.user = geteuid() == 0 ? "postgres" : nil
        return try await ChildProcess.start(launch)
    }
}
