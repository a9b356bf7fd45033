import Foundation
import ManateeLocal

/// All faults on one system that lives on between them.
package struct Campaign: Sendable {
    /// Which faults, each this often.
    package var faults: [Fault]
    /// How often each fault comes.
    package var runs: Int
    /// How long a fault lasts that writes should survive.
    package var hold: Duration
    /// Where everything is made; each system gets a directory below it.
    package var directory: String

    /// A campaign of these values.
    package init(faults: [Fault], runs: Int, hold: Duration, directory: String) {
        self.faults = faults
        self.runs = runs
        self.hold = hold
        self.directory = directory
    }

    /// Starts a contender from nothing, lets all faults happen, and ends it.
    ///
    /// - Parameters:
    ///   - contender: who is measured.
    ///   - report: told of each run.
    /// - Throws: ``BenchFailure``, `WaitFailure`, or what the system's tools said.
    package func run(
        _ contender: Contender,
        report: @escaping @Sendable (FaultResult) async -> Void
    ) async throws {
        let home = "\(directory)/\(contender.title)"
        let lab = try await Lab.make(peers: 3, in: home)
        let outcome: Result<Void, any Error>
        do {
            outcome = .success(
                try await attack(try contender.system(on: lab), in: home, report: report)
            )
        } catch {
            outcome = .failure(error)
        }
        lab.remove()
        try outcome.get()
    }

    private func attack(
        _ system: any BenchSystem,
        in home: String,
        report: @escaping @Sendable (FaultResult) async -> Void
    ) async throws {
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
        try await load.run {
            // One of each before the next of each: a slow spell of the machine strikes all.
            for number in 1...runs {
                for fault in faults {
                    let run = FaultRun(
                        system: system,
                        lookout: lookout,
                        load: load,
                        fault: fault,
                        number: number,
                        hold: hold
                    )
                    await report(try await run.run())
                }
            }
        }
    }
}
