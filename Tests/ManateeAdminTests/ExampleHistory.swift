import ManateeCore
import ManateePorts

/// Histories to read: each a list of entries, one minute apart.
struct ExampleHistory {
    private var entries: [HistoryEntry] = []
    private var state: [String: JSONValue] = [:]

    /// The history called `name`; nil if there is none.
    static func named(_ name: String) -> [HistoryEntry]? {
        var history = ExampleHistory()
        switch name {
        case "empty": break
        case "usual": history.usual()
        case "takeover": history.takeover()
        case "singleton": history.singleton()
        case "errors": history.errors()
        case "version1": history.version1()
        case "shuffled":
            history.usual()
            return history.entries.reversed()
        default: return nil
        }
        return history.entries
    }

    private mutating func usual() {
        state = Self.state(generation: 1, primary: 1, sync: 2, async: [3])
        write()
        write("0") {
            $0["freeze"] = .object(["date": .string("D"), "reason": .string("maintenance")])
        }
        write("0") { $0["freeze"] = nil }
        write { $0["async"] = .array([3, 4].map(ExampleCluster.peer)) }
        write { $0["async"] = .array([4].map(ExampleCluster.peer)) }
        write {
            $0 = Self.state(generation: 2, primary: 2, sync: 4, async: [], deposed: [1])
        }
        write("0") { $0["deposed"] = .array([]) }
        write {
            $0["async"] = .array([1, 3].map(ExampleCluster.peer))
        }
        write { $0 = Self.state(generation: 3, primary: 2, sync: 1, async: [3]) }
        write { $0["deposed"] = .array([4].map(ExampleCluster.peer)) }
        write("0") { $0["promote"] = .object(["role": .string("sync")]) }
        write("0") { $0["promote"] = .object(["id": .string("10.0.0.1:5432:12345")]) }
        write { $0["promote"] = nil }
        write { $0["async"] = .array([3, 5].map(ExampleCluster.peer)) }
        write { $0["async"] = .array([5, 3].map(ExampleCluster.peer)) }
    }

    private mutating func takeover() {
        state = Self.state(generation: 1, primary: 1, sync: 2, async: [3])
        write()
        write { $0 = Self.state(generation: 2, primary: 2, sync: 3, async: [], deposed: [1]) }
        write("0") { $0["async"] = .array([4].map(ExampleCluster.peer)) }
    }

    private mutating func singleton() {
        state = Self.state(generation: 1, primary: 1, sync: nil, async: [])
        state["oneNodeWriteMode"] = .boolean(true)
        state["freeze"] = .boolean(true)
        write()
        write { $0["oneNodeWriteMode"] = nil }
        write { $0 = Self.state(generation: 2, primary: 1, sync: 2, async: []) }
    }

    private mutating func errors() {
        state = Self.state(generation: 5, primary: 1, sync: 2, async: [3])
        write()
        write { $0["generation"] = .integer(4) }
        write { $0["primary"] = ExampleCluster.peer(2) }
        write { $0 = Self.state(generation: 5, primary: 3, sync: 2, async: []) }
        write { $0["generation"] = .integer(6) }
        write { $0["sync"] = ExampleCluster.peer(4) }
        write { $0["oneNodeWriteMode"] = .boolean(true) }
        entries.append(entry("7", data: "{"))
        write()
    }

    private mutating func version1() {
        let name = "1405378957432-10.0.0.1:5432-AssumeLeader-Leader-null-undefined"
        entries = [HistoryEntry(name: name + "-0000000000", createdMilliseconds: 0, data: [])]
        state = Self.state(generation: 0, primary: 1, sync: 2, async: [])
        write("0")
    }

    private mutating func write(
        _ prefix: String? = nil,
        _ edit: (inout [String: JSONValue]) -> Void = { _ in }
    ) {
        edit(&state)
        var generation = ""
        if case .integer(let number)? = state["generation"] { generation = "\(number)" }
        entries.append(entry(prefix ?? generation, data: StateText(state).text))
    }

    private func entry(_ prefix: String, data: String) -> HistoryEntry {
        HistoryEntry(
            name: "\(prefix)-\(Example.sequence(entries.count))",
            createdMilliseconds: Example.now + Int64(entries.count) * 60_000,
            data: Array(data.utf8)
        )
    }

    private static func state(
        generation: Int64,
        primary: Int,
        sync: Int?,
        async: [Int],
        deposed: [Int] = []
    ) -> [String: JSONValue] {
        [
            "generation": .integer(generation),
            "primary": ExampleCluster.peer(primary),
            "sync": sync.map(ExampleCluster.peer) ?? .null,
            "async": .array(async.map(ExampleCluster.peer)),
            "deposed": .array(deposed.map(ExampleCluster.peer)),
            "initWal": .string("0/174A2D0"),
        ]
    }
}
