import Foundation
import ManateeCore
import ManateeLocal
import ManateePostgres
import Testing

/// A whole shard of real parts, for the length of one test.
struct RunningShard: Sendable {
    let shard: DevShard
    let directory: DevDirectory
    let log = WriteLog()

    /// The programs that were built with the tests.
    static let programs = URL(filePath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        .appending(path: ".build/debug").path

    /// Runs `body` on a healthy shard, and ends whatever is left of it afterwards; `sitterLines`
    /// stand at the end of each sitter's configuration.
    static func with(
        peers: Int = 3,
        storeNodes: Int = 1,
        sessionTimeout: Duration = .seconds(2),
        ownDisks: Bool = false,
        sitterLines: (DevDirectory) -> [String] = { _ in [] },
        _ body: (RunningShard) async throws -> Void
    ) async throws {
        let name = "manatee-shard-\(UUID().uuidString.prefix(8).lowercased())"
        let path = FileManager.default.temporaryDirectory.appending(path: name).path
        let directory = DevDirectory(path: path)
        var options = DevShard.Options(sitterProgram: programs + "/manatee-sitter")
        options.peers = peers
        options.storeNodes = storeNodes
        options.sessionTimeout = sessionTimeout
        options.sitterLines = sitterLines(directory)
        options.firstPort = try FreePorts.takeRow(of: 100)
        let running = RunningShard(
            shard: try await DevShard.prepare(in: directory, options),
            directory: directory
        )
        let disks = ownDisks ? PeerDisks(directory: directory, peers: 1...peers) : nil
        do {
            try disks?.mount()
            try await running.shard.startAll()
            try await running.shard.waitUntilHealthy(within: .seconds(120))
            let session = try await running.shard.observer.application()
            _ = try await session.query(WriterClient.createTable)
            await session.close()
            try await body(running)
            await running.shard.stopAll()
            try disks?.unmount()
            try directory.remove()
        } catch {
            await running.shard.stopAll()
            // The directory stays for whoever looks into the failure, with the images of its disks; the error
            // that counts is the first.
            try? disks?.unmount()
            throw error
        }
    }

    /// Runs `body` while clients write.
    func underLoad(clients: Int = 3, _ body: () async throws -> Void) async throws {
        try await log.whileClientsWrite(clients, to: shard.observer) {
            try await acknowledged(100)
            try await body()
        }
    }

    /// Waits until `count` more writes were acknowledged.
    func acknowledged(_ count: Int, within limit: Duration = .seconds(60)) async throws {
        try await log.acknowledgements(count, within: limit)
    }

    /// The number of the peer that is primary now.
    func primary() async throws -> Int {
        let state = try #require(try await shard.status().state)
        return try #require(shard.observer.number(of: state.primary.id))
    }

    /// The number of the peer that is sync now.
    func sync() async throws -> Int {
        let sync = try #require(try await shard.status().state?.sync)
        return try #require(shard.observer.number(of: sync.id))
    }

    /// Expects every acknowledged write in the primary.
    func expectNothingLost(sourceLocation: SourceLocation = #_sourceLocation) async throws {
        let session = try await shard.observer.superuser(of: primary(), database: "app")
        let rows = try await session.query("select id from writes", within: .seconds(30))
        await session.close()
        let found = Set(rows.compactMap { $0.first?.flatMap { WriteLog.WriteID($0) } })
        #expect(!log.acknowledged.isEmpty, sourceLocation: sourceLocation)
        #expect(log.lost(amongRows: found) == [], sourceLocation: sourceLocation)
    }

    /// Runs a program of ours until it ends, told of this shard.
    func run(
        _ program: String,
        _ arguments: String...
    ) async throws -> (status: Int, output: String) {
        try await run(program, arguments)
    }

    /// Runs a program until it ends, told of this shard; one of ours, or one that a path names.
    func run(
        _ program: String,
        _ arguments: [String],
        environment: [String: String] = [:]
    ) async throws -> (status: Int, output: String) {
        let shardEnvironment = [
            "SHARD": shard.settings.shard, "ZK_IPS": shard.settings.storeServers,
            "MANATEE_SITTER_CONFIG": directory.configurationFile(1),
        ]
        return try await Self.run(
            program,
            arguments,
            in: directory.path,
            environment: shardEnvironment.merging(environment) { $1 }
        )
    }

    /// Runs a program of ours in a directory until it ends; its output is kept there.
    static func run(
        _ program: String,
        _ arguments: [String],
        in directory: String,
        environment: [String: String] = [:]
    ) async throws -> (status: Int, output: String) {
        let name = program.split(separator: "/").last ?? ""
        let log = directory + "/\(name)-\(UUID().uuidString.prefix(8)).log"
        var launch = ChildProcess.Launch(
            program: program.hasPrefix("/") ? program : programs + "/" + program,
            arguments: arguments,
            logFile: log
        )
        launch.directory = directory
        launch.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
        let exit = await (try await ChildProcess.start(launch)).waitForExit()
        let output = try String(contentsOfFile: log, encoding: .utf8)
        guard case .code(let status)? = exit else { return (-1, output) }
        return (Int(status), output)
    }
}
