/// The section `name` with those of `values` that there are.
func section(_ name: String, _ values: [(name: String, value: String?)]) -> [String] {
    ["\(name):"] + values.compactMap { entry in entry.value.map { "  \(entry.name): \($0)" } }
}

/// `text` in double quotes, as YAML reads it back.
func quoted(_ text: String) -> String {
    let inner = text.unicodeScalars.map { scalar in
        switch scalar {
        case "\"": "\\\""
        case "\\": "\\\\"
        case "\n": "\\n"
        case "\t": "\\t"
        case "\r": "\\r"
        default: scalar.properties.generalCategory == .control ? " " : String(scalar)
        }
    }
    return "\"\(inner.joined())\""
}
