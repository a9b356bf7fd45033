/// When something happened, by both clocks of a peer.
package struct Moment: Hashable, Sendable, CustomStringConvertible {
    /// By the clock that never jumps; all waiting is counted by it.
    package var instant: Instant
    /// By the clock on the wall; an operator's requests expire by it.
    package var wall: WallTime

    /// The moment at which the two clocks show this.
    package init(_ instant: Instant, wall: WallTime) {
        self.instant = instant
        self.wall = wall
    }

    /// Both clocks as an operator reads them.
    package var description: String { "\(instant) (\(wall))" }
}
