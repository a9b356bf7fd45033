import Foundation
import ManateeCore
import ManateeLocal
import ManateePostgres
import Testing

@Suite("The proxy before a shard of real parts", .serialized, .timeLimit(.minutes(5)))
struct ProxyTests {
    @Test func `holds new connections through a takeover, and cuts old ones`() async throws {
        try await RunningShard.with { running in
            try await RunningProxy.with(running) { proxy in
                let shard = running.shard
                let first = try await running.primary()
                // It would sleep on for a minute if nobody cut it.
                let old = try await proxy.start(
                    "psql",
                    [
                        "-X", "-h", "127.0.0.1", "-p", "\(proxy.writes)", "-c",
                        "select pg_sleep(60)", "app",
                    ]
                )
                try await seen(sleeping: 1, on: first, of: running)
                // Its sitter cannot act, and its postgres goes on: the shard takes it for dead.
                await shard.freeze(first)
                let writes = "create table held (id int); insert into held values (1)"
                async let held = [
                    proxy.psql(writes), proxy.psql("select pg_is_in_recovery()"),
                    proxy.psql("select 1"),
                ]
                try await shard.waitUntil("the sync as primary", within: .seconds(30)) {
                    // Whether it takes writes is what the held clients see; a look from outside
                    // may hang at the frozen peer.
                    $0.state?.generation == Generation(2)
                }
                for outcome in try await held {
                    #expect(outcome.status == 0, "\(outcome.output)")
                }
                #expect(await old.process.waitForExit() != .code(0))
                let text = try String(contentsOfFile: old.log, encoding: .utf8)
                #expect(text.contains("closed the connection"))
                #expect(try await proxy.figure("cut_total") ?? 0 >= 1)
                #expect(try await proxy.figure("generation") == 2)
                #expect(try await proxy.psql("select id from held").output == "1\n")
                await shard.resume(first)
                try await shard.waitUntilHealthy(within: .seconds(60))
            }
        }
    }

    @Test func `loses no connection attempt when the primary is killed again and again`()
        async throws
    {
        try await RunningShard.with { running in
            try await RunningProxy.with(running) { proxy in
                let shard = running.shard
                _ = try await proxy.psql("create table attempts (id serial)")
                for generation in 2...3 {
                    let killed = try await running.primary()
                    await shard.kill(killed)
                    // Each begins after the death, and so none can be lost in the middle.
                    try await withThrowingTaskGroup(of: Void.self) { group in
                        for _ in 0..<5 {
                            group.addTask {
                                let insert = "insert into attempts default values"
                                let outcome = try await proxy.psql(insert)
                                #expect(outcome == (0, "INSERT 0 1\n"))
                            }
                        }
                        try await group.waitForAll()
                    }
                    #expect(try await proxy.figure("generation") == generation)
                    try await shard.start(killed)
                    try await shard.waitUntilHealthy(within: .seconds(60))
                }
                #expect(try await proxy.psql("select count(*) from attempts").output == "10\n")
            }
        }
    }

    @Test func `cancels, reads from standbys, and takes a load`() async throws {
        try await RunningShard.with { running in
            try await RunningProxy.with(running) { proxy in
                let primary = try await running.primary()
                let sleeper = try await proxy.start(
                    "psql",
                    [
                        "-X", "-h", "127.0.0.1", "-p", "\(proxy.writes)", "-c",
                        "select pg_sleep(60)", "app",
                    ]
                )
                try await seen(sleeping: 1, on: primary, of: running)
                sleeper.process.send(SIGINT)
                #expect(await sleeper.process.waitForExit() == .code(1))
                let text = try String(contentsOfFile: sleeper.log, encoding: .utf8)
                #expect(text.contains("canceling statement due to user request"))
                try await seen(sleeping: 0, on: primary, of: running)

                // Each lags while its sitter has not told where it is by now.
                try await Waiting.until("both standbys are read from", within: .seconds(20)) {
                    var servers: Set<String> = []
                    for _ in 0..<4 {
                        let sql = "select pg_is_in_recovery() || ' ' || inet_server_port()"
                        servers.insert(try await proxy.psql(sql, port: proxy.reads).output)
                    }
                    return servers.count == 2 && servers.allSatisfy { $0.hasPrefix("true ") }
                        ? .there(()) : .notYet("\(servers)")
                }

                let check = try await running.run(
                    "manatee-proxy",
                    "-f",
                    running.directory.path + "/proxy.yaml",
                    "--check"
                )
                #expect(check.status == 0)
                #expect(check.output.contains("in generation 1"))

                let address = ["-h", "127.0.0.1", "-p", "\(proxy.writes)"]
                var outcome = try await proxy.client("pgbench", ["-i", "-q", "-s", "1"] + address)
                #expect(outcome.status == 0, "\(outcome.output)")
                outcome = try await proxy.client("pgbench", ["-c", "4", "-t", "50"] + address)
                #expect(outcome.status == 0, "\(outcome.output)")
                #expect(outcome.output.contains("actually processed: 200/200"))
                // A connection for each transaction.
                outcome = try await proxy.client(
                    "pgbench",
                    ["-C", "-S", "-c", "4", "-t", "25"] + address
                )
                #expect(outcome.status == 0, "\(outcome.output)")
            }
        }
    }

    @Test func `ends with a status of its own for each thing that is wrong`() async throws {
        let name = "manatee-proxy-\(UUID().uuidString.prefix(8))"
        let directory = FileManager.default.temporaryDirectory.appending(path: name).path
        try FileManager.default.createDirectory(
            atPath: directory,
            withIntermediateDirectories: true
        )
        defer {
            // What cannot be removed is left to the system.
            try? FileManager.default.removeItem(atPath: directory)
        }
        func run(_ arguments: String...) async throws -> (status: Int, output: String) {
            try await RunningShard.run("manatee-proxy", arguments, in: directory)
        }
        #expect(try await run().status == 2)
        #expect(try await run("-f", "/no/such/file").status == 78)
        let ports = try FreePorts.take(2)
        let file = directory + "/proxy.yaml"
        let text = """
            shardPath: /manatee/1
            zookeeper:
              servers: 127.0.0.1:\(ports[0])
            readWrite:
              port: \(ports[1])
            readOnly:
              port: \(ports[1])
            hold:
              tiem: 3s
            """
        try text.write(toFile: file, atomically: true, encoding: .utf8)
        let outcome = try await run("-f", file)
        #expect(outcome.status == 78)
        #expect(outcome.output.contains("write hold.time if that was meant"))
        #expect(outcome.output.contains("which readWrite.port has too"))
        let mended = text.replacing("  tiem: 3s", with: "  time: 3s")
            .replacing("readOnly:\n  port: \(ports[1])", with: "readOnly:\n  enabled: false")
        try mended.write(toFile: file, atomically: true, encoding: .utf8)
        #expect(try await run("-f", file, "--check").status == 3)
    }

    private func seen(
        sleeping count: Int,
        on peer: Int,
        of running: RunningShard
    ) async throws {
        let session = try await running.shard.observer.superuser(of: peer)
        try await Waiting.until("\(count) sleeping sessions", within: .seconds(20)) {
            let rows = try await session.query(
                "select count(*) from pg_stat_activity where query like 'select pg_sleep%'"
                    + " and state = 'active'"
            )
            let seen = rows.first?.first.flatMap { $0 } ?? ""
            return seen == "\(count)" ? .there(()) : .notYet(seen)
        }
        await session.close()
    }
}
