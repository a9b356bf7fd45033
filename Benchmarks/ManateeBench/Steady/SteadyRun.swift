import Foundation
import ManateeLocal
import ManateePostgres

/// Measures what a contender costs while nothing happens to it.
package struct SteadyRun: Sendable {
    /// How long it is watched without clients.
    package var idle: Duration
    /// How many pairs of slices pgbench runs.
    package var slices: Int
    /// How long one slice is.
    package var slice: Duration
    /// Where everything is made.
    package var directory: String

    private static let clients = 4
    private static let scale = 10

    /// A run of these values.
    package init(idle: Duration, slices: Int, slice: Duration, directory: String) {
        self.idle = idle
        self.slices = slices
        self.slice = slice
        self.directory = directory
    }

    /// Starts a contender from nothing, measures, and ends it.
    ///
    /// - Parameter contender: who is measured.
    /// - Returns: what it costs.
    /// - Throws: ``BenchFailure``, `WaitFailure`, or what the system's tools said.
    package func run(_ contender: Contender) async throws -> SteadyResult {
        let home = "\(directory)/\(contender.title)-steady"
        let lab = try await Lab.make(peers: 3, spares: 2, in: home)
        defer { lab.remove() }
        let system = try contender.system(on: lab)
        try await system.prepare()
        try await system.startStore()
        let begun = ContinuousClock.now
        for node in lab.peers { try await system.start(node) }
        let lookout = Lookout(over: system)
        let topology = try await Waiting.until(
            "a complete new \(system.name)",
            within: .seconds(180),
            every: .milliseconds(20),
            tail: { LogTail.text(lab.nodes.map(system.logFile)) }
        ) { () -> Waiting.Sight<Topology> in
            let topology = await lookout.look()
            return topology.isComplete(in: lab) ? .there(topology) : .notYet("\(topology)")
        }
        let coldStart = begun.duration(to: .now)
        guard let primary = topology.primary else {
            throw BenchFailure("a complete cluster without a primary: \(topology)")
        }
        let load = try Load(on: system, in: home)
        try await load.prepare(on: primary)
        let plain = PlainReplication(
            primary: lab.spares[0],
            standby: lab.spares[1],
            binaries: try PostgresInstallation.newestBinaries()
        )
        try await plain.start(settings: try await settings(of: primary, in: system))
        try await preparePlain(plain, like: load)

        let idleUse = try await watch(topology, system) { try await Task.sleep(for: idle) }
        for address in [primary.address, plain.address] {
            try await pgbench(address, load, ["-i", "-q", "-s", String(Self.scale)])
        }
        var result = SteadyResult(
            system: system.name,
            profile: system.profile,
            coldStartMilliseconds: coldStart.wholeMilliseconds,
            idle: idleUse.daemons,
            loaded: [],
            storeRequestsPerMinute: idleUse.requestsPerMinute,
            storeWritesPerMinute: idleUse.writesPerMinute,
            transactions: [],
            plainTransactions: [],
            latencies: [],
            plainLatencies: []
        )
        // On one machine it would take from the disk and the processors of the pair.
        for third in lab.peers where topology.role(of: third) == "async" {
            try await system.stop(third)
        }
        for _ in 0..<slices {
            let use = try await watch(topology, system) {
                let rate = try await self.rate(at: primary.address, load)
                result.transactions.append(rate.transactions)
                result.latencies.append(rate.latency)
            }
            result.loaded = use.daemons
            let rate = try await self.rate(at: plain.address, load)
            result.plainTransactions.append(rate.transactions)
            result.plainLatencies.append(rate.latency)
        }
        return result
    }

    // MARK: pgbench

    private func rate(at address: String, _ load: Load) async throws -> TransactionRate {
        let seconds = String(slice.components.seconds)
        let arguments = ["-c", String(Self.clients), "-j", "2", "-T", seconds]
        let report = try await pgbench(address, load, arguments)
        guard let rate = TransactionRate(report: report) else {
            throw BenchFailure("pgbench at \(address) reported nothing:\n\(report)")
        }
        return rate
    }

    @discardableResult
    private func pgbench(
        _ address: String,
        _ load: Load,
        _ arguments: [String]
    ) async throws -> String {
        try await Tool.run(
            try PostgresInstallation.newestBinaries() + "/pgbench",
            ["-h", address, "-p", String(Port.postgres), "-U", "bench"] + arguments + ["bench"],
            environment: ["PGPASSFILE": load.passfile]
        )
    }

    /// The settings that its configuration gives a server, but those that tell who it is.
    private func settings(
        of node: Node,
        in system: any BenchSystem
    ) async throws -> [(name: String, value: String)] {
        let session = try await system.superuser(of: node)
        let rows = try await session.query(
            """
            SELECT name, current_setting(name) FROM pg_settings
            WHERE source = 'configuration file' AND name NOT IN ('listen_addresses', 'port',
                'synchronous_standby_names', 'unix_socket_directories', 'hba_file', 'ident_file',
                'cluster_name', 'data_directory', 'primary_conninfo', 'primary_slot_name',
                'archive_command', 'restore_command', 'recovery_target_timeline')
                AND name NOT LIKE 'ssl%' AND name NOT LIKE 'log%' AND name NOT LIKE '%preload%'
            """
        )
        await session.close()
        return rows.compactMap { row in row[0].flatMap { name in row[1].map { (name, $0) } } }
    }

    private func preparePlain(_ plain: PlainReplication, like load: Load) async throws {
        let session = try await plain.superuser()
        _ = try await session.query("CREATE ROLE bench LOGIN")
        _ = try await session.query("CREATE DATABASE bench OWNER bench", within: .seconds(60))
        await session.close()
    }

    // MARK: Daemons and store

    private struct Use {
        var daemons: [SteadyResult.Daemon]
        var requestsPerMinute: Double
        var writesPerMinute: Double
    }

    /// What daemons and store do while `body` runs.
    private func watch(
        _ topology: Topology,
        _ system: any BenchSystem,
        _ body: () async throws -> Void
    ) async throws -> Use {
        let peers = system.lab.peers
        let before = peers.map { ProcessUsage.of($0.daemons()) }
        let store = try await system.storeTraffic()
        let begun = ContinuousClock.now
        try await body()
        let seconds = begun.duration(to: .now) / .seconds(1)
        let after = peers.map { ProcessUsage.of($0.daemons()) }
        let traffic = try await system.storeTraffic()
        return Use(
            daemons: peers.indices.map { index in
                SteadyResult.Daemon(
                    role: topology.role(of: peers[index]),
                    processorPercent: (after[index].processor - before[index].processor)
                        / .seconds(1) / seconds * 100,
                    residentMiB: Double(after[index].residentKiB) / 1024
                )
            },
            requestsPerMinute: Double(traffic.requests - store.requests) * 60 / seconds,
            writesPerMinute: Double(traffic.writes - store.writes) * 60 / seconds
        )
    }
}
