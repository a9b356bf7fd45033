/// The only source of chance in a history: SplitMix64, so that a seed means the same everywhere.
package struct Generator: Hashable, Sendable {
    private var state: UInt64
    /// Every draw is the middle of its range and no chance comes true: for exhaustive exploration.
    package let isConstant: Bool

    /// The generator that belongs to `seed`.
    package init(seed: UInt64, isConstant: Bool = false) {
        // One step apart, neighbouring seeds would give shifted copies of one sequence.
        state = (seed &+ 1) &* 0xD1B5_4A32_D192_ED03
        self.isConstant = isConstant
        _ = next()
    }

    /// The next 64 bits.
    package mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }

    /// A number from 0 up to `bound`, which is excluded.
    package mutating func below(_ bound: Int) -> Int {
        guard bound > 1 else { return 0 }
        return isConstant ? bound / 2 : Int(next() % UInt64(bound))
    }

    /// A time in the range, both ends included.
    package mutating func between(_ range: ClosedRange<SimulatedTime>) -> SimulatedTime {
        let (low, high) = (range.lowerBound.microseconds, range.upperBound.microseconds)
        return SimulatedTime(microseconds: low + Int64(below(Int(high - low) + 1)))
    }

    /// A time between `low` and `high` milliseconds.
    package mutating func milliseconds(_ low: Int64, _ high: Int64) -> SimulatedTime {
        between(.milliseconds(low)...(.milliseconds(high)))
    }

    /// Whether something happens that happens `perMille` times in a thousand.
    package mutating func chance(_ perMille: Int) -> Bool {
        guard perMille > 0, !isConstant else { return false }
        return below(1000) < perMille
    }
}
