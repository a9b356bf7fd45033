/// What is still to happen, by time and then by the order in which it was foreseen.
struct Schedule: Sendable {
    struct Entry: Hashable, Sendable {
        var time: SimulatedTime
        var order: UInt64
        var occurrence: Occurrence

        func precedes(_ other: Entry) -> Bool {
            time == other.time ? order < other.order : time < other.time
        }
    }

    /// A binary heap: each entry precedes both that follow it at twice its index.
    private(set) var heap: [Entry] = []
    private var nextOrder: UInt64 = 0

    mutating func add(_ occurrence: Occurrence, at time: SimulatedTime) {
        heap.append(Entry(time: time, order: nextOrder, occurrence: occurrence))
        nextOrder += 1
        var child = heap.count - 1
        while child > 0 {
            let parent = (child - 1) / 2
            guard heap[child].precedes(heap[parent]) else { break }
            heap.swapAt(child, parent)
            child = parent
        }
    }

    var nextTime: SimulatedTime? { heap.first?.time }

    mutating func removeFirst() -> Entry? {
        guard let first = heap.first, let last = heap.popLast() else { return nil }
        guard !heap.isEmpty else { return first }
        heap[0] = last
        var parent = 0
        while true {
            var least = parent
            let (left, right) = (2 * parent + 1, 2 * parent + 2)
            if left < heap.count, heap[left].precedes(heap[least]) { least = left }
            if right < heap.count, heap[right].precedes(heap[least]) { least = right }
            guard least != parent else { return first }
            heap.swapAt(parent, least)
            parent = least
        }
    }
}
