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

    /// Lets all faults happen to a contender that is started from nothing, and ends it.
    ///
    /// After a run that failed it is started from nothing again, and the next run follows.
    ///
    /// - Parameters:
    ///   - contender: who is measured.
    ///   - isDone: whether a run's result is there already; then it is left out.
    ///   - report: told of each run.
    /// - Throws: ``BenchFailure``, `WaitFailure`, or what the system's tools said, if it cannot be started.
    package func run(
        _ contender: Contender,
        leavingOut isDone: (FaultRunName) -> Bool,
        report: @escaping @Sendable (FaultResult) async throws -> Void
    ) async throws {
        // One of each before the next of each: a slow spell of the machine strikes all.
        var names: ArraySlice = (1...runs).flatMap { number in
            faults.map {
                FaultRunName(
                    system: contender.name,
                    profile: contender.profile,
                    fault: $0,
                    run: number
                )
            }
        }.filter { !isDone($0) }[...]
        while !names.isEmpty {
            let home = "\(directory)/\(contender.title)-\(names.count)"
            let lab = try await Lab.make(peers: 3, in: home)
            defer { lab.remove() }
            names = try await attack(
                try contender.system(on: lab),
                in: home,
                names,
                report: report
            )
        }
    }

    /// Starts `system` and lets faults happen until one fails.
    ///
    /// - Returns: the runs that are left.
    private func attack(
        _ system: any BenchSystem,
        in home: String,
        _ names: ArraySlice<FaultRunName>,
        report: @escaping @Sendable (FaultResult) async throws -> Void
    ) async throws -> ArraySlice<FaultRunName> {
        let cluster = try await LoadedCluster.start(system, in: home)
        return try await cluster.load.run {
            var names = names
            while let name = names.popFirst() {
                let run = FaultRun(
                    system: system,
                    lookout: cluster.lookout,
                    load: cluster.load,
                    fault: name.fault,
                    number: name.run,
                    hold: hold
                )
                let result: FaultResult
                do {
                    result = try await run.run()
                } catch let failure where !Task.isCancelled {
                    result = FaultResult(name, failure: "\(failure)")
                }
                try await report(result)
                if result.failure != nil { break }
            }
            return names
        }
    }
}
