/// What an operator's program proves itself by.
///
/// It is never logged, and comparing takes the same time wherever two tokens differ.
package struct OperatorToken: Sendable {
    /// Shorter ones are guessed, in characters.
    static let shortest = 16

    private let bytes: [UInt8]

    /// The token in the first line of `text`; nil if it is shorter than 16 characters.
    package init?(_ text: some StringProtocol) {
        let line = text.prefix { !$0.isNewline }
        bytes = Array(line.utf8.drop { $0 == 0x20 })
        guard bytes.count >= Self.shortest else { return nil }
    }

    /// Whether the value of a header `Authorization` is this token's.
    func admits(_ authorization: String?) -> Bool {
        guard let authorization else { return false }
        let scheme = "bearer "
        guard authorization.lowercased().hasPrefix(scheme) else { return false }
        let given = Array(authorization.utf8.dropFirst(scheme.utf8.count))
        // Every byte of what was given is looked at, whatever was seen before.
        var difference = UInt8(given.count == bytes.count ? 0 : 1)
        for (index, byte) in given.enumerated() { difference |= byte ^ bytes[index % bytes.count] }
        return difference == 0
    }
}
