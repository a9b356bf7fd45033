import ManateeCore

/// A scenario that can be read: verbs, `----`, what came of them, an empty line.
///
/// Lines that begin with `#` explain; they are kept. `MANATEE_REWRITE=1` writes what came out into
/// the file: read the difference as if it were code, and commit only what you can explain.
struct Transcript {
    /// Some verbs and what is expected of them.
    struct Step {
        var comment: [String]
        var verbs: [String]
        var expected: [String]
    }

    var steps: [Step] = []

    init(_ text: String) throws {
        var comment: [String] = []
        var verbs: [String] = []
        var expected: [String]?
        func finish(_ steps: inout [Step]) throws {
            guard let output = expected else {
                guard verbs.isEmpty else { throw Misuse("no ---- after: \(verbs)") }
                return
            }
            steps.append(Step(comment: comment, verbs: verbs, expected: output))
            comment = []
            verbs = []
            expected = nil
        }
        for line in text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init) {
            if line.isEmpty {
                try finish(&steps)
                if !comment.isEmpty && comment.last != "" { comment.append("") }
            } else if expected != nil {
                expected?.append(line)
            } else if line.hasPrefix("#") {
                comment.append(line)
            } else if line == "----" {
                expected = []
            } else {
                verbs.append(line)
            }
        }
        try finish(&steps)
    }

    /// Runs the scenario in a new world and returns it with what came of it; `observe` is called with
    /// each event and the machine after it.
    func run(observe: ((PeerEvent, PeerMachine) -> Void)? = nil) -> Transcript {
        var world = World()
        world.observe = observe
        var result = self
        for index in steps.indices {
            for verb in steps[index].verbs {
                do {
                    try world.execute(verb)
                } catch {
                    world.output.append("MISUSE: \(error)")
                }
            }
            result.steps[index].expected = world.output.isEmpty ? ["(nothing)"] : world.output
            world.output = []
        }
        return result
    }

    /// The file's text.
    var text: String {
        var lines: [String] = []
        for step in steps {
            lines += step.comment + step.verbs + ["----"] + step.expected + [""]
        }
        return lines.dropLast().joined(separator: "\n") + "\n"
    }
}
