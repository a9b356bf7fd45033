package import ManateeCore
package import ManateePorts

/// Which of Manatee's snapshots have to go.
///
/// Snapshots of operators (names other than 13 digits) and snapshots with a hold are never destroyed,
/// and do not count.
package struct RetentionPolicy: Equatable, Sendable {
    /// How many are kept; the newest ones; at least 1.
    package var number: Int
    /// Older ones go, except the newest; nil means that age does not matter.
    package var age: Duration?
    /// While less is free, the oldest go, except the newest; nil means that it does not matter.
    package var minimumFree: SpaceAmount?

    /// A policy of these limits; a `number` below 1 counts as 1.
    package init(number: Int, age: Duration? = nil, minimumFree: SpaceAmount? = nil) {
        self.number = max(1, number)
        self.age = age
        self.minimumFree = minimumFree
    }

    /// What has to go now.
    ///
    /// - Parameters:
    ///   - snapshots: all there are, in any order.
    ///   - now: the time of day, in milliseconds since 1970.
    ///   - space: the room there is; nil if it is not known, which then decides nothing.
    /// - Returns: the names, and how many of them.
    package func plan(
        for snapshots: [StorageSnapshot],
        at now: Int64,
        space: StorageSpace?
    ) -> RetentionPlan {
        let own = snapshots.compactMap { snapshot in
            snapshot.holds == 0
                ? snapshot.name.milliseconds.map { (name: snapshot.name, taken: $0) } : nil
        }.sorted { $0.taken < $1.taken }
        let oldest = age.map { now - $0.milliseconds } ?? .min
        let aged = own.dropLast().prefix { $0.taken < oldest }
        let rest = own.dropFirst(aged.count)
        let excess = max(0, rest.count - number)
        let isLow = space.map(isLow) ?? false
        // One at a time: what it frees shows only after a while.
        let forSpace = isLow && aged.isEmpty && excess == 0 && rest.count > 1 ? 1 : 0
        return RetentionPlan(
            aged: aged.map(\.name),
            rest: rest.map(\.name),
            excess: excess + forSpace,
            cause: forSpace > 0 ? .space : .number
        )
    }

    /// Whether so little is free that old snapshots go and no new ones are taken.
    package func isLow(_ space: StorageSpace) -> Bool {
        minimumFree.map { space.free < $0.bytes(of: space.total) } ?? false
    }
}

/// What has to go, and in which order it is tried.
package struct RetentionPlan: Equatable, Sendable {
    /// Why snapshots go.
    package enum Cause: String, Sendable {
        /// They are too old.
        case age
        /// There are too many.
        case number
        /// There is too little room.
        case space
    }

    /// Those that are too old, oldest first; each goes if it can.
    package var aged: [SnapshotName]
    /// The others, oldest first.
    package var rest: [SnapshotName]
    /// How many of `rest` go, the oldest that can.
    package var excess: Int
    /// Why those of `rest` go.
    package var cause: Cause

    /// Nothing, or what these names and this number say.
    package init(
        aged: [SnapshotName] = [],
        rest: [SnapshotName] = [],
        excess: Int = 0,
        cause: Cause = .number
    ) {
        self.aged = aged
        self.rest = rest
        self.excess = excess
        self.cause = cause
    }

    /// Those of `rest` that may be tried, oldest first: the newest is never among them.
    package var candidates: ArraySlice<SnapshotName> { excess > 0 ? rest.dropLast() : [] }
}

extension Duration {
    fileprivate var milliseconds: Int64 {
        components.seconds * 1000 + components.attoseconds / 1_000_000_000_000_000
    }
}
