package import ManateeCore

/// One line of a sitter's journal.
package struct JournalEntry: Equatable, Sendable {
    /// What a line is about.
    package enum Kind: String, Sendable, CaseIterable {
        /// Something is begun or has happened.
        case decision
        /// Something does not happen, and why.
        case refusal
        /// Something is seen.
        case notice
        /// The peer has another role.
        case role
        /// The peer follows another generation.
        case generation
        /// A change of roles is complete; its record is in the history.
        case record
    }

    /// Counts up by one within the life of one sitter.
    package var number: Int
    /// When it was.
    package var time: WallTime
    /// What it is about.
    package var kind: Kind
    /// The kind of reason in one word, for those who sort; empty where there is none.
    package var label: String
    /// What happened, on one line.
    package var text: String
    /// The peer's role afterwards.
    package var role: PeerRole
    /// The generation that the peer followed afterwards; nil if none.
    package var generation: Generation?

    /// A line of these facts.
    package init(
        number: Int,
        time: WallTime,
        kind: Kind,
        label: String,
        text: String,
        role: PeerRole,
        generation: Generation?
    ) {
        self.number = number
        self.time = time
        self.kind = kind
        self.label = label
        self.text = text
        self.role = role
        self.generation = generation
    }
}
