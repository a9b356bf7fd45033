import Foundation
import Testing

/// The diagrams in the documentation, drawn from what the machine does.
@Suite("The diagrams of the state machine")
struct StateDiagramTests {
    static let project = URL(filePath: #filePath).deletingLastPathComponent()
        .appending(path: "../../..").standardized
    static let document = project.appending(path: "docs/internals/state-machine.md")

    static let observed = Result { try ObservedMoves.inTranscripts(andRandomRuns: 400) }
    static let documented = Result {
        try DocumentedStates(directory: project.appending(path: "Sources/ManateeCore/Peer"))
    }

    /// The sub-states that have a diagram, or comments that say what may follow.
    static let types = [
        "Life", "PeerRole", "Change", "PostgresLink", "StoreLink", "Standing", "MemoryLink",
        "SyncLink", "GateHold",
    ]

    @Test func `are what the code does`() throws {
        let text = try String(contentsOf: Self.document, encoding: .utf8)
        let drawn = try GeneratedDiagrams(
            observed: Self.observed.get(),
            documented: Self.documented.get()
        )
        .inserted(into: text)
        if ProcessInfo.processInfo.environment["MANATEE_REWRITE"] == "1" {
            try drawn.write(to: Self.document, atomically: true, encoding: .utf8)
        } else {
            #expect(drawn == text, "read the difference, then MANATEE_REWRITE=1 make test-core")
        }
    }

    /// Whole shards do what no single peer's scenario did: then a transcript is missing.
    @Test func `show all that happens in simulated shards`() throws {
        let drawn = try Self.observed.get()
        for (type, moves) in ObservedMoves.inHistories(of: 1...40).moves {
            for (move, events) in moves {
                #expect(
                    drawn.contains(move, of: type),
                    "\(type): .\(move.from) became .\(move.to) at \(events.sorted())"
                )
            }
        }
    }

    @Test(arguments: types) func `show only what the comments allow`(type: String) throws {
        let states = try #require(try Self.documented.get().states[type])
        let moves = try #require(try Self.observed.get().moves[type])
        for (move, events) in moves {
            let state = try #require(states.first { $0.name == move.from })
            guard let successors = state.successors else { continue }
            #expect(
                successors.contains(move.to),
                "\(type): .\(move.from) became .\(move.to) at \(events.sorted())"
            )
        }
    }

    @Test(arguments: types) func `show all that the comments promise`(type: String) throws {
        let moves = try #require(try Self.observed.get().moves[type])
        for state in try #require(try Self.documented.get().states[type]) {
            for successor in (state.successors ?? []).sorted() {
                #expect(
                    moves[.init(from: state.name, to: successor)] != nil,
                    "\(type): .\(state.name) never became .\(successor)"
                )
            }
        }
    }
}
