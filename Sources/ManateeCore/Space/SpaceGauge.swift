/// How scarce the room of a file system is.
package enum SpaceLevel: Int, Comparable, Sendable {
    /// There is enough.
    case enough
    /// An operator should make room.
    case low
    /// The peer should not carry the shard; the next writes may fail.
    case critical
    /// Hardly anything can be written any more.
    case exhausted

    /// A level is greater the less room there is.
    package static func < (left: SpaceLevel, right: SpaceLevel) -> Bool {
        left.rawValue < right.rawValue
    }
}

/// Where the levels begin.
package struct SpaceLimits: Equatable, Sendable {
    /// Below it room is low.
    package var warning: SpaceAmount
    /// Below it room is critical.
    package var critical: SpaceAmount

    /// Below it nothing can be relied on: less than a file of the log, in bytes.
    package static let exhausted: Int64 = 16 << 20

    /// These limits.
    package init(warning: SpaceAmount, critical: SpaceAmount) {
        self.warning = warning
        self.critical = critical
    }

    /// The least that must be free for `level` not to be reached.
    func floor(_ level: SpaceLevel, of total: Int64) -> Int64 {
        switch level {
        case .enough: .max
        case .low: max(warning.bytes(of: total), critical.bytes(of: total), Self.exhausted)
        case .critical: max(critical.bytes(of: total), Self.exhausted)
        case .exhausted: Self.exhausted
        }
    }
}

/// Tells the level from what is free, without wavering at a limit.
///
/// A level is entered at its limit, and left only when a quarter more than that is free.
package struct SpaceGauge: Equatable, Sendable {
    /// Where the levels begin.
    package let limits: SpaceLimits
    /// The level after the last reading; at first there is enough.
    package private(set) var level = SpaceLevel.enough

    /// A gauge that has not been read yet.
    package init(_ limits: SpaceLimits) {
        self.limits = limits
    }

    /// Takes a reading of `free` and `total` bytes.
    ///
    /// - Returns: whether the level changed.
    package mutating func read(free: Int64, total: Int64) -> Bool {
        let worsened: [SpaceLevel] = [.low, .critical, .exhausted]
        let entered = worsened.last { free < limits.floor($0, of: total) } ?? .enough
        let kept =
            worsened.last { level in
                let floor = limits.floor(level, of: total)
                return level <= self.level && free < floor + floor / 4
            } ?? .enough
        let next = max(entered, kept)
        defer { level = next }
        return next != level
    }
}
