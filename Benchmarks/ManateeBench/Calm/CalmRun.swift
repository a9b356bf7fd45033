import Glibc
import ManateeLocal

/// Watches a shard in which nobody fails, while its machines are busy, their network slow by turns, and
/// single sitters stand still for a second.
package struct CalmRun: Sendable {
    /// How long.
    package var length: Duration
    /// The profile of failure detection.
    package var profile: String
    /// Where the programs are.
    package var programs: String
    /// Where everything is made.
    package var directory: String

    private static let stop = Duration.seconds(1)

    /// A run of these values.
    package init(length: Duration, profile: String, programs: String, directory: String) {
        self.length = length
        self.profile = profile
        self.programs = programs
        self.directory = directory
    }

    /// Starts a shard from nothing, watches it, and ends it.
    ///
    /// - Throws: ``BenchFailure``, `WaitFailure`, or what the system's tools said.
    package func run() async throws -> CalmResult {
        let home = "\(directory)/calm-\(profile)"
        let lab = try await Lab.make(peers: 3, in: home)
        defer { lab.remove() }
        let system = ManateeSystem(lab: lab, profile: profile, programs: programs)
        let cluster = try await LoadedCluster.start(system, in: home)
        return try await cluster.load.run { try await watch(system, cluster) }
    }

    private func watch(
        _ system: ManateeSystem,
        _ cluster: LoadedCluster
    ) async throws -> CalmResult {
        let before = try await complete(system, cluster.lookout)
        let generation = try await system.generation()
        let burners = try await burn()
        cluster.load.log.startOver()
        let begun = ContinuousClock.now
        let stops = try await withThrowingTaskGroup(of: Int?.self) { group in
            for node in system.lab.peers {
                group.addTask {
                    try await Jitter(on: node).run()
                    return nil
                }
            }
            group.addTask { try await stopSitters(system.lab, until: begun + length) }
            defer { group.cancelAll() }
            while let stops = try await group.next() {
                if let stops { return stops }
            }
            preconditionFailure("the sitters' stops ended without a count")
        }
        let load = loadAverage()
        for burner in burners { await burner.stop(signal: SIGKILL) }
        let after = try await complete(system, cluster.lookout)
        let takeovers = after.timeline - before.timeline
        let changes = try await system.generation() - generation
        let (acknowledged, _, _) = cluster.load.log.content
        guard let primary = after.primary else {
            throw BenchFailure("a complete shard without a primary: \(after)")
        }
        return CalmResult(
            profile: profile,
            seconds: Int(begun.duration(to: .now).components.seconds),
            stops: stops,
            takeovers: takeovers,
            syncChanges: changes - takeovers,
            writeGapMilliseconds: acknowledged.map(\.ended).longestPause(after: begun, until: .now)?
                .wholeMilliseconds,
            acknowledged: acknowledged.count,
            lost: try await cluster.load.missing(acknowledged.map(\.id), on: primary).count,
            loadAverage: load
        )
    }

    private func complete(_ system: ManateeSystem, _ lookout: Lookout) async throws -> Topology {
        try await Waiting.until(
            "a complete shard",
            within: .seconds(180),
            every: .milliseconds(100),
            tail: { LogTail.text(system.lab.nodes.map(system.logFile)) }
        ) {
            let topology = await lookout.look()
            return topology.isComplete(in: system.lab) ? .there(topology) : .notYet("\(topology)")
        }
    }

    /// Keeps every core busy.
    private func burn() async throws -> [ChildProcess] {
        var burners: [ChildProcess] = []
        for _ in 0..<sysconf(Int32(_SC_NPROCESSORS_ONLN)) {
            burners.append(
                try await ChildProcess.start(
                    .init(
                        program: "/bin/sh",
                        arguments: ["-c", "while :; do :; done"],
                        logFile: directory + "/busy.log"
                    )
                )
            )
        }
        return burners
    }

    /// Stops one sitter after the other, each for a second.
    ///
    /// - Returns: how often.
    private func stopSitters(_ lab: Lab, until end: ContinuousClock.Instant) async throws -> Int {
        var count = 0
        while ContinuousClock.now < end {
            let node = lab.peers[Int.random(in: lab.peers.indices)]
            node.signalSitter(SIGSTOP)
            // Goes on also if the task is cancelled meanwhile.
            try? await Task.sleep(for: Self.stop)
            node.signalSitter(SIGCONT)
            count += 1
            try await Task.sleep(for: .milliseconds(Int.random(in: 1000...4000)))
        }
        return count
    }

    private func loadAverage() -> Double {
        var averages = [0.0, 0.0, 0.0]
        return getloadavg(&averages, 3) == 3 ? averages[1] : .nan
    }
}
