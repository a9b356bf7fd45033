/// JSON to be read by people: keys stay in the order in which they were given.
indirect enum OrderedJSON: Equatable, Sendable {
    case text(String)
    case number(Int)
    case boolean(Bool)
    case object([(key: String, value: OrderedJSON)])

    static func == (left: OrderedJSON, right: OrderedJSON) -> Bool {
        left.printed() == right.printed()
    }

    /// The text, over as many lines as there are keys; ends without a new line.
    func printed(indentation: String = "") -> String {
        switch self {
        case .text(let text):
            return Self.quoted(text)
        case .number(let number):
            return String(number)
        case .boolean(let flag):
            return flag ? "true" : "false"
        case .object(let members):
            guard !members.isEmpty else { return "{}" }
            let inner = indentation + "  "
            let lines = members.map { key, value in
                "\(inner)\(Self.quoted(key)): \(value.printed(indentation: inner))"
            }
            return "{\n\(lines.joined(separator: ",\n"))\n\(indentation)}"
        }
    }

    private static func quoted(_ text: String) -> String {
        let escaped = text.unicodeScalars.map { scalar in
            switch scalar {
            case "\"": "\\\""
            case "\\": "\\\\"
            case "\n": "\\n"
            default:
                scalar.value < 0x20
                    ? "\\u00" + (scalar.value < 0x10 ? "0" : "") + String(scalar.value, radix: 16)
                    : String(scalar)
            }
        }
        return "\"\(escaped.joined())\""
    }
}
