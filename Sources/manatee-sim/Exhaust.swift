import ArgumentParser
import ManateeSimulation

struct Exhaust: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Tries every fault before every decision of three peers."
    )

    @Option(help: "How many faults a history may have.")
    var faults = 2

    @Option(help: "Only tell the history with these faults, for example 0@93,0@127.")
    var trail: String?

    @Flag(help: "Print one line of JSON at the end.")
    var json = false

    func validate() throws {
        guard (1...3).contains(faults) else { throw ValidationError("--faults is 1, 2 or 3") }
    }

    private func strikes(_ text: String) throws -> [Exhaustion.Strike] {
        try text.split(separator: ",").map { word in
            let numbers = word.split(separator: "@").compactMap { Int($0) }
            guard numbers.count == 2, Exhaustion.catalogue.indices.contains(numbers[0]) else {
                throw ValidationError("--trail FAULT@DECISION,..., as a violation prints it")
            }
            return Exhaustion.Strike(fault: numbers[0], decision: numbers[1])
        }
    }

    func run() async throws {
        if let trail {
            for line in Exhaustion.log(of: try strikes(trail)) { print(line) }
            return
        }
        let faults = faults
        let choices = Exhaustion.catalogue.indices
        let found = await withTaskGroup(of: Exhaustion.self) { group in
            for job in 0..<2 {
                group.addTask {
                    var part = Exhaustion()
                    part.run(faults: faults, first: choices.filter { $0 % 2 == job })
                    return part
                }
            }
            var all = Exhaustion()
            for await part in group { all.add(part) }
            return all
        }
        for violation in found.violations.sorted().prefix(50) { print(violation) }
        print(
            """
            every sequence of up to \(faults) of \(choices.count) faults, the first at rest, each \
            further one before any decision
            \(found.histories) histories, \(found.states) distinct states, \(found.repeated) \
            reached again, \(found.steps) steps
            \(found.violations.count) violations
            """
        )
        if json {
            print(
                JSONText.object([
                    JSONText.member("faults", faults),
                    JSONText.member("histories", found.histories),
                    JSONText.member("states", found.states),
                    JSONText.member("repeated", found.repeated),
                    JSONText.member("steps", found.steps),
                    JSONText.member("violations", found.violations.count),
                ])
            )
        }
        if !found.violations.isEmpty { throw ExitCode(1) }
    }
}
