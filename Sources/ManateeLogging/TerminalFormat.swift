import Logging

/// Lines for people: time, level, message, then what goes with it as `name=value`.
struct TerminalFormat: Sendable {
    /// Whether levels and names are told apart by colour.
    var hasColours: Bool

    /// The line for `record`, without a newline.
    func line(_ record: LogRecord) -> String {
        let (word, colour) = TerminalFormat.level(record.level)
        var line = "\(painted(record.time.iso8601, "2")) \(painted(word, colour)) "
        line += TerminalFormat.visible(record.message)
        for field in record.fields {
            line += " " + painted("\(TerminalFormat.visible(field.name))=", "36")
            line += TerminalFormat.text(field.value)
        }
        if let error = record.error {
            line += " " + painted("error=", "36") + TerminalFormat.text(.text(error))
        }
        return line
    }

    private func painted(_ text: String, _ colour: String) -> String {
        hasColours ? "\u{1b}[\(colour)m\(text)\u{1b}[0m" : text
    }

    private static func level(_ level: Logger.Level) -> (word: String, colour: String) {
        switch level {
        case .trace: ("trace", "2")
        case .debug: ("debug", "2")
        case .info, .notice: ("info ", "32")
        case .warning: ("warn ", "33")
        case .error: ("error", "31")
        case .critical: ("fatal", "1;31")
        }
    }

    private static func text(_ value: LogField.Value) -> String {
        switch value {
        case .word(let word): return word
        case .list(let elements): return "[\(elements.map(text).joined(separator: ", "))]"
        case .text(let text):
            let shown = visible(text)
            let isPlain = !text.isEmpty && shown == text && !text.contains { " \"=".contains($0) }
            return isPlain ? text : "\"\(shown.replacing("\"", with: "\\\""))\""
        }
    }

    /// `text` in one line, with nothing in it that a terminal would obey.
    private static func visible(_ text: String) -> String {
        text.unicodeScalars.reduce(into: "") { shown, scalar in
            switch scalar {
            case "\n": shown += "\\n"
            case "\r": shown += "\\r"
            case "\t": shown += "\\t"
            case "\0"..<" ", "\u{7f}"..<"\u{a0}": shown += "\\u{\(String(scalar.value, radix: 16))}"
            default: shown.unicodeScalars.append(scalar)
            }
        }
    }
}
