import ArgumentParser
import ManateeSimulation

struct Shell: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "A cluster by hand: one real peer, and verbs for everything around it."
    )

    func run() {
        var rehearsal = Rehearsal()
        print("node1 is the real peer; help lists the verbs")
        while let line = readLine(), line != "quit" {
            for answer in rehearsal.execute(line) { print(answer) }
        }
    }
}
