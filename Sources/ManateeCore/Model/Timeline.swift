/// A PostgreSQL timeline: every promotion starts a new one, numbered one higher.
package struct TimelineID: Hashable, Comparable, Sendable, CustomStringConvertible {
    /// The number that PostgreSQL gives the timeline, 1 for a new database.
    package var number: UInt32

    /// The timeline with this number.
    package init(_ number: UInt32) {
        self.number = number
    }

    /// The timeline after this one.
    package var next: TimelineID { TimelineID(number + 1) }

    /// Orders timelines by number.
    package static func < (left: TimelineID, right: TimelineID) -> Bool {
        left.number < right.number
    }

    /// The number in decimal.
    package var description: String { String(number) }
}

/// A position on a timeline: where a copy of the log ends, or where a generation began.
package struct WALPosition: Hashable, Sendable, CustomStringConvertible {
    /// The timeline on which `lsn` was written.
    package var timeline: TimelineID
    /// The position on it.
    package var lsn: LSN

    /// The position `lsn` on `timeline`.
    package init(timeline: TimelineID, lsn: LSN) {
        self.timeline = timeline
        self.lsn = lsn
    }

    /// The position as an operator reads it, for example `0/3000148 on timeline 2`.
    package var description: String { "\(lsn) on timeline \(timeline)" }
}

/// The line of timelines that one copy of the log went through, oldest first.
package struct TimelineHistory: Hashable, Sendable {
    /// One earlier timeline and the position at which the next one forked off it.
    package struct Switch: Hashable, Sendable {
        /// The timeline that was left.
        package var timeline: TimelineID
        /// The first position that no longer belongs to `timeline`.
        package var end: LSN

        /// The end of `timeline` at `end`.
        package init(timeline: TimelineID, end: LSN) {
            self.timeline = timeline
            self.end = end
        }
    }

    /// The timelines that were left, oldest first; empty on timeline 1.
    package var switches: [Switch]

    /// A line of timelines that were left in this order.
    package init(_ switches: [Switch] = []) {
        self.switches = switches
    }

    /// The position at which `timeline` was left; nil if it never was part of this line.
    package func end(of timeline: TimelineID) -> LSN? {
        switches.first { $0.timeline == timeline }?.end
    }
}

/// The end of one copy of the log, with the line of timelines that leads to it.
package struct WALSample: Hashable, Sendable, CustomStringConvertible {
    /// The end of the log that is flushed to this copy's disk.
    package var end: WALPosition
    /// The timelines that lead to `end`.
    package var history: TimelineHistory

    /// A copy that ends at `end` and came there through `history`.
    package init(end: WALPosition, history: TimelineHistory = TimelineHistory()) {
        self.end = end
        self.history = history
    }

    /// Whether this copy holds everything up to `position` (rule S4).
    ///
    /// A bare comparison of positions means nothing across diverged timelines, so `position` must
    /// lie on this copy's own timeline, or on an earlier one before it was left.
    package func contains(_ position: WALPosition) -> Bool {
        if position.timeline == end.timeline { return position.lsn <= end.lsn }
        guard let left = history.end(of: position.timeline) else { return false }
        return position.lsn <= left
    }

    /// The end of the copy as an operator reads it.
    package var description: String { end.description }
}
