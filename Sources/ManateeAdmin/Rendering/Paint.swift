/// Colours for what must be seen first: on terminals only, and never where `NO_COLOR` is set.
package struct Paint: Sendable {
    /// What a colour says.
    package enum Meaning: Sendable {
        /// Somebody must act.
        case bad
        /// Somebody should look.
        case doubtful
        /// All is well.
        case good
        /// A heading.
        case heading

        fileprivate var code: String {
            switch self {
            case .bad: "31"
            case .doubtful: "33"
            case .good: "32"
            case .heading: "1"
            }
        }
    }

    /// Whether anything is coloured.
    package var isOn: Bool

    /// No colours.
    package static let none = Paint(isOn: false)

    /// Colours, or none.
    package init(isOn: Bool) {
        self.isOn = isOn
    }

    /// The text in the colour that means this.
    package func callAsFunction(_ text: String, _ meaning: Meaning) -> String {
        isOn ? "\u{1B}[\(meaning.code)m\(text)\u{1B}[0m" : text
    }
}
