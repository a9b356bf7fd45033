import Glibc
import ManateeLocal

/// One fault on a living cluster, from a complete cluster to a complete cluster.
struct FaultRun: Sendable {
    let system: any BenchSystem
    let lookout: Lookout
    let load: Load
    let fault: Fault
    let number: Int
    /// How long a fault lasts that writes should survive.
    let hold: Duration

    /// How long writes may be gone before the cause is taken away all the same.
    private static let despair = Duration.seconds(90)
    /// How long a cluster may take to be complete again.
    private static let recovery = Duration.seconds(180)

    /// Waits for a complete cluster, lets the fault happen at a random moment, and measures.
    func run() async throws -> FaultResult {
        _ = try await complete()
        load.log.startOver()
        // Faults must not come at the same phase of somebody's timers each time.
        try await Task.sleep(for: .milliseconds(Int.random(in: 1000...3000)))
        var scene = try await scene()
        var struckAt = ContinuousClock.now
        try await scene.strike()
        var firstGap: Duration?
        if fault == .crashThenNode {
            try await untilWritten(after: .now)
            try await Task.sleep(for: .seconds(3))
            firstGap = load.log.content.acknowledged.map(\.ended)
                .longestPause(after: struckAt, until: .now)
            scene = Scene(
                system: system,
                fault: fault,
                primary: try await writablePrimary(),
                sync: scene.sync
            )
            struckAt = .now
            scene.primary.signalAll(SIGKILL)
        }
        let wrote = try await untilWritten(after: .now)
        let restored = wrote ? try await untilProtected() : nil
        if fault.isHeld { try await Task.sleep(for: hold - struckAt.duration(to: .now)) }
        if fault == .killSitter { try await Task.sleep(for: .seconds(1)) }
        let healedAt = ContinuousClock.now
        try await scene.heal()
        let rejoined = try await untilRejoined(scene)
        let ending = try await complete()
        let end = wrote ? healedAt : ContinuousClock.now
        return try await result(
            struckAt: struckAt,
            firstGap: firstGap,
            restored: restored,
            rejoined: rejoined.map { healedAt.duration(to: $0) },
            end: end,
            primary: ending
        )
    }

    private func scene() async throws -> Scene {
        let topology = await lookout.look()
        guard let primary = topology.primary, let sync = topology.sync else {
            throw BenchFailure("the cluster fell apart before \(fault.rawValue): \(topology)")
        }
        return Scene(system: system, fault: fault, primary: primary, sync: sync)
    }

    private func writablePrimary() async throws -> Node {
        // One that is busy may answer too late.
        try await Waiting.until(
            "the primary that acknowledged a write",
            within: .seconds(10),
            every: .milliseconds(20)
        ) { () -> Waiting.Sight<Node> in
            let topology = await lookout.look()
            return topology.primary.map { .there($0) } ?? .notYet("\(topology)")
        }
    }

    /// Waits until the cluster is complete and takes writes.
    ///
    /// - Returns: the primary.
    private func complete() async throws -> Node {
        let system = system
        let node = try await Waiting.until(
            "a complete \(system.name) before or after \(fault.rawValue)",
            within: Self.recovery,
            every: .milliseconds(100),
            tail: { LogTail.text(system.lab.nodes.map(system.logFile)) }
        ) { () -> Waiting.Sight<Node> in
            let topology = await lookout.look()
            guard topology.isComplete(in: system.lab), let primary = topology.primary else {
                return .notYet("\(topology)")
            }
            guard try await system.hasNamedSync(of: primary) else {
                return .notYet("no sync in the manager's books, \(topology)")
            }
            return .there(primary)
        }
        try await untilWritten(after: .now)
        return node
    }

    /// Waits for a write that was begun after `moment`.
    ///
    /// - Returns: whether there was one before all hope is gone.
    @discardableResult
    private func untilWritten(after moment: ContinuousClock.Instant) async throws -> Bool {
        do {
            try await Waiting.until("a write", within: Self.despair, every: .milliseconds(5)) {
                load.log.newestBegin.map { $0 > moment } ?? false
                    ? .there(()) : .notYet("none")
            }
            return true
        } catch is WaitFailure {
            return false
        }
    }

    private func untilProtected() async throws -> ContinuousClock.Instant? {
        do {
            return try await Waiting.until(
                "primary and sync",
                within: Self.despair,
                every: .milliseconds(20)
            ) {
                await lookout.look().isProtected ? .there(.now) : .notYet("not both")
            }
        } catch is WaitFailure {
            return nil
        }
    }

    private func untilRejoined(_ scene: Scene) async throws -> ContinuousClock.Instant? {
        guard let struck = scene.struck, fault != .killSitter else { return nil }
        let system = system
        return try await Waiting.until(
            "node \(struck.number) to stream after \(fault.rawValue)",
            within: Self.recovery,
            every: .milliseconds(50),
            tail: { LogTail.text([system.logFile(struck)]) }
        ) { () -> Waiting.Sight<ContinuousClock.Instant> in
            let topology = await lookout.look()
            return topology.streaming.contains(struck) || topology.primary == struck
                ? .there(.now) : .notYet("\(topology)")
        }
    }

    private func result(
        struckAt: ContinuousClock.Instant,
        firstGap: Duration?,
        restored: ContinuousClock.Instant?,
        rejoined: Duration?,
        end: ContinuousClock.Instant,
        primary: Node
    ) async throws -> FaultResult {
        let (acknowledged, unknown, reads) = load.log.content
        let lost = try await load.missing(acknowledged.map(\.id), on: primary)
        return FaultResult(
            system: system.name,
            profile: system.profile,
            fault: fault,
            run: number,
            firstGapMilliseconds: firstGap?.wholeMilliseconds,
            writeGapMilliseconds: acknowledged.map(\.ended).longestPause(
                after: struckAt,
                until: end
            )?
            .wholeMilliseconds,
            readGapMilliseconds: reads.longestPause(after: struckAt, until: end)?.wholeMilliseconds,
            restoredMilliseconds: restored.map { struckAt.duration(to: $0).wholeMilliseconds },
            rejoinMilliseconds: rejoined?.wholeMilliseconds,
            acknowledged: acknowledged.count,
            lost: lost.count,
            unknown: unknown.count,
            twoPrimaries: acknowledged.fromSecondPrimaries.count
        )
    }
}

extension Duration {
    /// The whole milliseconds of it.
    package var wholeMilliseconds: Int {
        Int(components.seconds) * 1000 + Int(components.attoseconds / 1_000_000_000_000_000)
    }
}
