import ArgumentParser
import ManateeSimulation

struct Explore: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Runs the histories of a range of seeds and checks every rule in each."
    )

    @Option(help: "The seeds, for example 1..100000.")
    var seeds: SeedRange = SeedRange(1...10_000)

    @Option(help: "How many histories run at the same time.")
    var jobs = 2

    @Flag(help: "Print one line of JSON at the end.")
    var json = false

    func run() async throws {
        let clock = ContinuousClock()
        let begin = clock.now
        let found = await explore()
        let elapsed = clock.now - begin
        for failure in found.failures.prefix(50) {
            print("seed \(failure.seed): \(failure.violation)")
        }
        print(Figures(found, elapsed: elapsed).text)
        if json { print(Figures(found, elapsed: elapsed).json) }
        if !found.failures.isEmpty { throw ExitCode(1) }
    }

    private func explore() async -> Exploration {
        let (range, jobs) = (seeds.range, UInt64(max(1, self.jobs)))
        return await withTaskGroup(of: Exploration.self) { group in
            for job in 0..<jobs {
                group.addTask {
                    var part = Exploration()
                    var seed = range.lowerBound + job
                    while seed <= range.upperBound {
                        part.run(seed: seed)
                        seed += jobs
                    }
                    return part
                }
            }
            var all = Exploration()
            for await part in group { all.add(part) }
            return all
        }
    }
}

/// A range of seeds as the command line gives it.
struct SeedRange: ExpressibleByArgument {
    let range: ClosedRange<UInt64>

    init(_ range: ClosedRange<UInt64>) { self.range = range }

    init?(argument: String) {
        let ends = argument.split(separator: ".", omittingEmptySubsequences: true)
        guard ends.count == 2, let first = UInt64(ends[0]), let last = UInt64(ends[1]),
            first <= last
        else { return nil }
        range = first...last
    }

    var defaultValueDescription: String { "\(range.lowerBound)..\(range.upperBound)" }
}
