/// What a sitter says to its guard, one byte each, on the guard's standard input.
///
/// The end of the input is a word as well: the sitter is dead.
package enum GuardWord: UInt8, Sendable {
    /// `a`: it is alive.
    case alive = 0x61
    /// `d`: postgres was stopped in order, and nothing is left to guard.
    case dismissed = 0x64
}
