import ManateeCore

extension Moment {
    /// The moment at which a peer's steady clock shows `instant`: the clock on its wall began with it,
    /// on the first of March 2026 at noon.
    init(onClocks instant: Instant) {
        let (seconds, attoseconds) = instant.sinceOrigin.components
        let elapsed = seconds * 1000 + attoseconds / 1_000_000_000_000_000
        self.init(instant, wall: WallTime(milliseconds: 1_772_366_400_000 + elapsed))
    }
}
