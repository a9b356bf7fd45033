import Foundation
import ManateeSimulation
import Synchronization

@testable import ManateeCore

/// Which moves the sub-states of a machine really make, and at which events.
struct ObservedMoves {
    /// One arrow of a diagram.
    struct Move: Hashable {
        var from: String
        var to: String
    }

    /// By the name of the sub-state's type, each move with the words for the events at which it happened.
    private(set) var moves: [String: [Move: Set<String>]] = [:]

    /// The moves in all transcripts and in so many random runs.
    static func inTranscripts(andRandomRuns randomRuns: Int) throws -> ObservedMoves {
        var observed = ObservedMoves()
        for file in TranscriptTests.files {
            let url = TranscriptTests.directory.appending(path: file)
            _ = try Transcript(String(contentsOf: url, encoding: .utf8)).run { event, machine in
                observed.note(event, machine)
            }
        }
        for seed in 0..<UInt64(randomRuns) {
            var run = RandomRun(seed: seed)
            _ = run.run(steps: 60) { event, machine in observed.note(event, machine) }
        }
        return observed
    }

    /// Whether the move was seen.
    func contains(_ move: Move, of type: String) -> Bool { moves[type]?[move] != nil }

    /// Takes in how `machine` moved at `event`.
    mutating func note(_ event: PeerEvent, _ machine: PeerMachine) {
        let words = EventWords.of(event)
        var settled: PeerMachine.Proposal?
        for step in machine.steps.taken {
            switch step {
            case .life(let old, let new): add("Life", old, new, words)
            case .store(let old, let new): add("StoreLink", old, new, words)
            case .standing(let old, let new): add("Standing", old, new, words)
            case .change(let old, let new):
                if case .idle = new { settled = old.inFlight }
                add("Change", old, new, words)
            case .postgres(let old, let new): add("PostgresLink", old, new, words)
            case .memory(let old, let new): add("MemoryLink", old, new, words)
            case .sync(let old, let new): add("SyncLink", old, new, words)
            case .gate(let old, let new): add("GateHold", old, new, words)
            case .role(let old, let new):
                // What an own write was for says more than how it became known that it was written.
                let isOwn = settled?.state.role(of: machine.view.id) == new
                add("PeerRole", old, new, isOwn ? settled.map { "\($0.intent)" } ?? words : words)
            }
        }
    }

    /// The moves in the simulated histories of these seeds.
    static func inHistories(of seeds: ClosedRange<UInt64>) -> ObservedMoves {
        let observed = Mutex(ObservedMoves())
        for seed in seeds {
            var world = ManateeSimulation.World(plan: Plan(seed: seed)) { event, machine in
                observed.withLock { $0.note(event, machine) }
            }
            world.run()
        }
        return observed.withLock { $0 }
    }

    private mutating func add(_ type: String, _ old: Any, _ new: Any, _ words: String) {
        let move = Move(from: Self.name(of: old), to: Self.name(of: new))
        guard move.from != move.to else { return }
        moves[type, default: [:]][move, default: []].insert(words)
    }

    /// The name of the case that `state` is, without what it carries.
    private static func name(of state: Any) -> String {
        Mirror(reflecting: state).children.first?.label ?? "\(state)"
    }
}
