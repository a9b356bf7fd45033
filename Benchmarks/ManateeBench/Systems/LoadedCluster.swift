import ManateeLocal

/// A system that was started from nothing, with clients that are ready to work.
struct LoadedCluster: Sendable {
    let lookout: Lookout
    let load: Load

    /// Starts the store and all peers, and waits for primary and sync.
    static func start(_ system: any BenchSystem, in home: String) async throws -> LoadedCluster {
        try await system.prepare()
        try await system.startStore()
        for node in system.lab.peers { try await system.start(node) }
        let load = try Load(on: system, in: home)
        let lookout = Lookout(over: system)
        let primary = try await Waiting.until(
            "primary and sync of a new \(system.name)",
            within: .seconds(180),
            tail: { LogTail.text(system.lab.nodes.map(system.logFile)) }
        ) { () -> Waiting.Sight<Node> in
            let topology = await lookout.look()
            guard topology.isProtected, let primary = topology.primary else {
                return .notYet("\(topology)")
            }
            return .there(primary)
        }
        try await load.prepare(on: primary)
        return LoadedCluster(lookout: lookout, load: load)
    }
}
