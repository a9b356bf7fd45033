package import ManateeCore

/// What a sitter tells of its past: the last lines, the records of role changes, and counts of all.
///
/// A value: it is bounded, has no clock, and is copied out whole for those who show it.
package struct Journal: Sendable {
    /// How many lines are kept; the oldest are dropped.
    package static let keptEntries = 500
    /// How many records are kept; the oldest are dropped.
    package static let keptRecords = 64

    /// How often a reason was told, by its kind.
    package struct ReasonCount: Hashable, Sendable {
        /// Whether something was done, not done, or only seen.
        package var weight: Reason.Weight
        /// The kind of reason.
        package var label: String

        /// The reasons of this weight and kind.
        package init(weight: Reason.Weight, label: String) {
            self.weight = weight
            self.label = label
        }
    }

    /// When the sitter began: it tells the numbers of this journal from those of an earlier process.
    package let epoch: WallTime
    /// The last lines, oldest first.
    package private(set) var entries: [JournalEntry] = []
    /// The last records of role changes, oldest first.
    package private(set) var records: [RoleChangeRecord] = []
    /// How often each reason was told.
    package private(set) var reasons: [ReasonCount: Int] = [:]
    /// How often the peer took each role.
    package private(set) var roles: [PeerRole: Int] = [:]
    /// How long each phase took, of changes that made or kept this peer primary.
    package private(set) var phases: [FailoverPhase: DurationHistogram] = [:]
    /// How long those changes took as a whole.
    package private(set) var whole = DurationHistogram()
    /// How many events the machine was told.
    package private(set) var steps = 0

    private var recorder = RoleChangeRecorder()
    private var number = 0

    /// The empty journal of a sitter that begins at `epoch`.
    package init(epoch: WallTime) {
        self.epoch = epoch
    }

    /// Puts the records of an earlier process before those of this one; they are in no count.
    package mutating func recall(_ past: [RoleChangeRecord]) {
        records = (past + records).suffix(Self.keptRecords)
    }

    /// Notes a sign that roles may have to change, which may be dated back.
    package mutating func noticed(_ cause: DetectionCause, at moment: Moment) {
        recorder.noticed(cause, at: moment)
    }

    /// Forgets a sign that turned out to mean nothing.
    package mutating func dismissed(_ cause: DetectionCause) {
        recorder.dismissed(cause)
    }

    /// Notes that the standby of the primary of `generation` streams.
    package mutating func attached(in generation: Generation, at moment: Moment) {
        recorder.attached(in: generation, at: moment)
    }

    /// Follows the machine by one step.
    ///
    /// - Returns: the lines that this step added, oldest first.
    package mutating func observe(_ step: PeerStep) -> [JournalEntry] {
        steps += 1
        let first = number + 1
        for reason in step.reasons {
            reasons[ReasonCount(weight: reason.weight, label: reason.label), default: 0] += 1
            add(Self.kind(reason.weight), reason.label, reason.description, step)
        }
        let (before, after) = (step.before, step.after)
        if after.generation != before.generation, let generation = after.generation {
            add(.generation, "", "the shard is in generation \(generation)", step)
        }
        if after.role != before.role {
            roles[after.role, default: 0] += 1
            let text = "role \(before.role.rawValue) became \(after.role.rawValue)"
            add(.role, after.role.rawValue, text, step)
        }
        if let record = recorder.observe(step) { keep(record, step) }
        return entries.filter { $0.number >= first }
    }

    private mutating func keep(_ record: RoleChangeRecord, _ step: PeerStep) {
        records.append(record)
        records.removeFirst(max(0, records.count - Self.keptRecords))
        add(.record, record.kind.rawValue, record.summary, step)
        guard record.role == .primary else { return }
        for phase in FailoverPhase.allCases {
            phases[phase, default: DurationHistogram()].add(record.total(of: phase))
        }
        whole.add(record.whole)
    }

    private mutating func add(
        _ kind: JournalEntry.Kind,
        _ label: String,
        _ text: String,
        _ step: PeerStep
    ) {
        number += 1
        entries.append(
            JournalEntry(
                number: number,
                time: step.moment.wall,
                kind: kind,
                label: label,
                text: text,
                role: step.after.role,
                generation: step.after.generation
            )
        )
        entries.removeFirst(max(0, entries.count - Self.keptEntries))
    }

    private static func kind(_ weight: Reason.Weight) -> JournalEntry.Kind {
        switch weight {
        case .decision: .decision
        case .refusal: .refusal
        case .notice: .notice
        }
    }
}

extension RoleChangeRecord {
    /// The record on one line, for example `takeover of generation 2 took 2130 ms: detect 2000 ms, ...`.
    package var summary: String {
        let parts = segments.map { "\($0.phase.rawValue) \(Self.milliseconds($0.duration)) ms" }
        return "\(kind.rawValue) in generation \(generation) took "
            + "\(Self.milliseconds(whole)) ms: \(parts.joined(separator: ", "))"
    }

    private static func milliseconds(_ duration: Duration) -> Int64 {
        Int64((duration / .milliseconds(1)).rounded())
    }
}
