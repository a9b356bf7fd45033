import ArgumentParser
import ManateeSimulation

struct Mutate: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Breaks each safety rule on purpose and looks whether a checker notices."
    )

    @Option(help: "How many seeds are tried for each rule.")
    var budget = 10_000

    @Option(help: "Only this mutation.")
    var only: String?

    @Flag(help: "Print one line of JSON at the end.")
    var json = false

    func validate() throws {
        if let only, Mutation(rawValue: only) == nil {
            let names = Mutation.allCases.map(\.rawValue).joined(separator: ", ")
            throw ValidationError("there is no mutation \"\(only)\"; there are: \(names)")
        }
    }

    func run() async throws {
        let wanted = Mutation.allCases.filter { only == nil || $0.rawValue == only }
        let checks = await checks(of: wanted)
        for check in checks { print(line(check)) }
        let survivors = checks.filter { $0.caught == nil }
        print("\(checks.count - survivors.count) of \(checks.count) mutations caught")
        if json {
            print(
                JSONText.object([
                    JSONText.member("mutations", checks.count),
                    JSONText.member("caught", checks.count - survivors.count),
                    "\"results\":[\(checks.map(member).joined(separator: ","))]",
                ])
            )
        }
        if !survivors.isEmpty { throw ExitCode(1) }
    }

    private func checks(of mutations: [Mutation]) async -> [MutationCheck] {
        let budget = budget
        return await withTaskGroup(of: (Int, [MutationCheck]).self) { group in
            for job in 0..<2 {
                group.addTask {
                    let own = mutations.indices.filter { $0 % 2 == job }
                    return (job, own.map { MutationCheck(mutations[$0], budget: budget) })
                }
            }
            var parts = [[MutationCheck]](repeating: [], count: 2)
            for await (job, part) in group { parts[job] = part }
            return mutations.indices.map { parts[$0 % 2][$0 / 2] }
        }
    }

    private func line(_ check: MutationCheck) -> String {
        let name = "\(check.mutation.rawValue) (\(check.mutation.rule))"
        guard let caught = check.caught else {
            return "SURVIVED \(name): nothing noticed in \(check.tried) seeds"
        }
        return "caught   \(name): seed \(caught.seed), \(caught.violation)"
    }

    private func member(_ check: MutationCheck) -> String {
        var members = [
            JSONText.member("mutation", check.mutation.rawValue),
            JSONText.member("rule", check.mutation.rule),
            JSONText.member("tried", check.tried),
        ]
        if let caught = check.caught {
            members += [
                JSONText.member("seed", Int(caught.seed)),
                JSONText.member("violation", caught.violation.rule.rawValue),
            ]
        }
        return JSONText.object(members)
    }
}
