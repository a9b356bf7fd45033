package import ManateeCore

/// The name of an election node: `<peer id>-NNNNNNNNNN`.
package struct ElectionName: Hashable, Sendable, CustomStringConvertible {
    /// How many digits the store appends.
    package static let sequenceDigits = 10

    /// The peer that stands for election.
    package var id: PeerID
    /// The number that the store gave the node: smaller ones came earlier.
    package var sequence: Int64

    /// The name of the node of `id` with this number.
    package init(id: PeerID, sequence: Int64) {
        self.id = id
        self.sequence = sequence
    }

    /// Takes a node's name apart, at its last `-`; nil if it is not of this form.
    package init?(_ name: some StringProtocol) {
        guard let dash = name.lastIndex(of: "-"), dash != name.startIndex else { return nil }
        let digits = name[name.index(after: dash)...]
        guard digits.utf8.count == Self.sequenceDigits,
            digits.allSatisfy({ $0.isASCII && $0.isNumber }),
            let sequence = Int64(digits)
        else { return nil }
        id = PeerID(String(name[..<dash]))
        self.sequence = sequence
    }

    /// What a sitter asks the store to append the digits to.
    package static func prefix(for id: PeerID) -> String { "\(id)-" }

    /// The name.
    package var description: String {
        let digits = String(sequence)
        let zeros = String(repeating: "0", count: max(0, Self.sequenceDigits - digits.count))
        return "\(id)-\(zeros)\(digits)"
    }
}
