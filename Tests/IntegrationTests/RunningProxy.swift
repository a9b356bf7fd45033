import Foundation
import ManateeLocal
import Testing

/// The program `manatee-proxy` before a shard, for the length of one test.
struct RunningProxy: Sendable {
    let shard: RunningShard
    let writes: Int
    let reads: Int
    let admin: Int
    let process: ChildProcess
    let log: String

    /// Runs `body` with a proxy that leads to the primary.
    static func with(
        _ shard: RunningShard,
        _ more: String = "",
        _ body: (RunningProxy) async throws -> Void
    ) async throws {
        let directory = shard.directory.path
        let ports = try FreePorts.take(3)
        let configuration = """
            shardPath: /manatee/\(shard.shard.settings.shard)
            zookeeper:
              servers: \(shard.shard.settings.storeServers)
              sessionTimeout: 4s
            readWrite:
              port: \(ports[0])
            readOnly:
              port: \(ports[1])
            admin:
              port: \(ports[2])
            drainTimeout: 1s
            \(more)
            """
        let file = directory + "/proxy.yaml"
        try configuration.write(toFile: file, atomically: true, encoding: .utf8)
        let log = directory + "/proxy.log"
        let process = try await ChildProcess.start(
            ChildProcess.Launch(
                program: RunningShard.programs + "/manatee-proxy",
                arguments: ["-f", file, "-v"],
                logFile: log
            )
        )
        let proxy = RunningProxy(
            shard: shard,
            writes: ports[0],
            reads: ports[1],
            admin: ports[2],
            process: process,
            log: log
        )
        do {
            try await Waiting.until("the proxy leads to a primary", within: .seconds(20)) {
                let outcome = try await proxy.psql("select 1")
                return outcome.status == 0 ? .there(()) : .notYet(outcome.output)
            }
            try await body(proxy)
        } catch {
            await process.stop(patience: .seconds(5))
            throw error
        }
        await process.stop(patience: .seconds(20))
        #expect(process.exit == .code(0))
    }

    /// Runs SQL through the proxy, as the application.
    func psql(
        _ sql: String,
        port: Int? = nil
    ) async throws -> (status: Int, output: String) {
        try await client(
            "psql",
            ["-X", "-At", "-h", "127.0.0.1", "-p", "\(port ?? writes)", "-c", sql, "app"]
        )
    }

    /// Runs a client program of postgres's as the application.
    func client(
        _ program: String,
        _ arguments: [String]
    ) async throws -> (status: Int, output: String) {
        let client = try await start(program, arguments)
        let exit = await client.process.waitForExit()
        let output = try String(contentsOfFile: client.log, encoding: .utf8)
        guard case .code(let status)? = exit else { return (-1, output) }
        return (Int(status), output)
    }

    /// Starts a client program of postgres's as the application.
    func start(
        _ program: String,
        _ arguments: [String]
    ) async throws -> (process: ChildProcess, log: String) {
        let directory = shard.directory.path
        let log = directory + "/\(program)-\(UUID().uuidString.prefix(8)).log"
        var launch = ChildProcess.Launch(
            program: try Self.find(program),
            arguments: arguments,
            logFile: log
        )
        launch.environment = ProcessInfo.processInfo.environment.merging([
            "PGPASSFILE": shard.directory.passfile, "PGUSER": "app", "PGDATABASE": "app",
            "PGCONNECT_TIMEOUT": "40",
        ]) { $1 }
        return (try await ChildProcess.start(launch), log)
    }

    private static func find(_ program: String) throws -> String {
        let version = try PostgresInstallation.newestVersion()
        let places = ["/usr/lib/postgresql/\(version)/bin", "/usr/bin", "/usr/sbin"]
            .map { "\($0)/\(program)" }
        return try #require(
            places.first { FileManager.default.isExecutableFile(atPath: $0) },
            "\(program) is not installed"
        )
    }

    /// One figure of the proxy's metrics, with its labels; nil if there is none.
    func figure(_ name: String) async throws -> Int? {
        let url = try #require(URL(string: "http://127.0.0.1:\(admin)/metrics"))
        let page = try String(contentsOf: url, encoding: .utf8)
        return page.split(separator: "\n").first { $0.hasPrefix("manatee_proxy_\(name) ") }
            .flatMap { $0.split(separator: " ").last }.flatMap { Int($0) }
    }
}
