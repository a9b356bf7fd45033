/// How many faults of each kind go on at one peer: they overlap, and each ends by itself.
struct FaultWindows: Hashable, Sendable {
    private var counts = Array(repeating: 0, count: Fault.Kind.allCases.count)
    private var sum = 0

    /// Whether any fault goes on.
    var isAnyOpen: Bool { sum > 0 }

    /// Whether a fault of this kind goes on.
    func isOpen(_ kind: Fault.Kind) -> Bool { isAnyOpen && counts[kind.index] > 0 }

    mutating func open(_ kind: Fault.Kind) { change(kind, by: 1) }

    mutating func close(_ kind: Fault.Kind) { change(kind, by: -1) }

    private mutating func change(_ kind: Fault.Kind, by change: Int) {
        counts[kind.index] += change
        sum += change
    }
}
