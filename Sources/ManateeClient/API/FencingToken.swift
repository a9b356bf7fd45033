/// The number of a primary's reign: it grows with each change of primary or sync, and never goes back.
///
/// It makes effects outside of the database safe against a former primary's clients: hand it along with
/// each such effect, and let the receiver refuse a token that is less than the greatest it has seen.
///
/// ```
/// guard token >= greatest else { throw Refused() }
/// greatest = token
/// ```
public struct FencingToken: Hashable, Comparable, Sendable, CustomStringConvertible {
    /// The generation of the cluster state; 0 or more.
    public let number: Int

    /// The token with this number, for example one that was handed along as text.
    public init(_ number: Int) {
        self.number = number
    }

    /// Orders tokens by age.
    public static func < (left: Self, right: Self) -> Bool { left.number < right.number }

    /// The number in decimal.
    public var description: String { String(number) }
}
