/// What is still to happen, by time and then by the order in which it was foreseen.
struct Schedule: Sendable {
    struct Entry: Hashable, Sendable {
        var time: SimulatedTime
        var occurrence: Occurrence
    }

    /// When an occurrence is due; what it is lies apart, so that the heap moves numbers only.
    private struct Due: Sendable {
        var time: SimulatedTime
        var order: UInt64
        var place: Int

        func precedes(_ other: Due) -> Bool {
            time == other.time ? order < other.order : time < other.time
        }
    }

    /// A binary heap: each entry precedes both that follow it at twice its index.
    private var heap: [Due] = []
    private var occurrences: [Occurrence?] = []
    private var freePlaces: [Int] = []
    private var nextOrder: UInt64 = 0

    /// What is still to happen, the first first.
    var entries: [Entry] {
        heap.sorted { $0.precedes($1) }.compactMap { due in
            occurrences[due.place].map { Entry(time: due.time, occurrence: $0) }
        }
    }

    var nextTime: SimulatedTime? { heap.first?.time }

    mutating func add(_ occurrence: Occurrence, at time: SimulatedTime) {
        let due = Due(time: time, order: nextOrder, place: keep(occurrence))
        nextOrder += 1
        heap.append(due)
        var child = heap.count - 1
        while child > 0 {
            let parent = (child - 1) / 2
            guard due.precedes(heap[parent]) else { break }
            heap[child] = heap[parent]
            child = parent
        }
        heap[child] = due
    }

    mutating func removeFirst() -> Entry? {
        guard let first = heap.first, let last = heap.popLast() else { return nil }
        if !heap.isEmpty { sink(last) }
        guard let occurrence = occurrences[first.place].take() else { return nil }
        freePlaces.append(first.place)
        return Entry(time: first.time, occurrence: occurrence)
    }

    private mutating func keep(_ occurrence: Occurrence) -> Int {
        guard let place = freePlaces.popLast() else {
            occurrences.append(occurrence)
            return occurrences.count - 1
        }
        occurrences[place] = occurrence
        return place
    }

    /// Puts `due`, which was the last, where it belongs when the first is gone.
    private mutating func sink(_ due: Due) {
        var parent = 0
        while true {
            var child = 2 * parent + 1
            guard child < heap.count else { break }
            if child + 1 < heap.count, heap[child + 1].precedes(heap[child]) { child += 1 }
            guard heap[child].precedes(due) else { break }
            heap[parent] = heap[child]
            parent = child
        }
        heap[parent] = due
    }
}
