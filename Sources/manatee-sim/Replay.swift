import ArgumentParser
import FoundationEssentials
import ManateeSimulation

struct Replay: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Runs one history again and tells all that happens in it."
    )

    @Argument(help: "A seed, or a file with a script.")
    var history: String

    @Option(help: "Break this rule, as mutate does.")
    var mutation: String?

    @Flag(help: "Stop at each step and show every peer, the store and every log.")
    var step = false

    @Flag(help: "Make the script as short as it can be, and print it.")
    var shrink = false

    func run() throws {
        var plan = try plan()
        if shrink {
            guard let violation = Outcome(of: plan).violation else {
                print("# no rule breaks: there is nothing to shrink")
                return
            }
            plan = Shrinking.shrink(plan, breaking: violation.rule)
            print("# \(violation)")
            print(plan, terminator: "")
            return
        }
        var world = World(plan: plan, isRecording: true)
        var printed = 0
        while world.step() {
            for line in world.log[printed...] { print(line) }
            let isNews = world.log.count > printed
            printed = world.log.count
            if step, isNews {
                print(world.picture)
                print("-- return: next step, q: quit --")
                guard let answer = readLine(), answer != "q" else { return }
            }
        }
        print(world.picture)
        if let verdict = world.verdict { print("verdict: \(verdict)") }
        guard let violation = world.violation else { return }
        print("VIOLATION \(violation) (seed \(plan.seed))")
        throw ExitCode(1)
    }

    private func plan() throws -> Plan {
        let broken = try mutation.map { name in
            guard let mutation = Mutation(rawValue: name) else {
                throw ValidationError("there is no mutation \"\(name)\"")
            }
            return mutation
        }
        if let seed = UInt64(history) { return Plan(seed: seed, mutation: broken) }
        return try Plan(script: String(contentsOfFile: history, encoding: .utf8))
    }
}
