package import ManateeCore

/// A document in YAML or JSON, as a value whose words are all texts.
package enum ConfigurationDocumentText {
    /// The value of `text`; messages call it `file`.
    ///
    /// - Throws: `InvalidConfiguration` if it is not YAML, or names something twice.
    package static func value(
        _ text: String,
        file: String
    ) throws(InvalidConfiguration) -> JSONValue {
        value(
            try YAMLReader.read(text, file: file, sample: "docs/operating/cluster-configuration.md")
        )
    }

    private static func value(_ node: SettingsNode) -> JSONValue {
        if node.isNull { return .null }
        switch node.content {
        case .scalar(let text, _): return .string(text)
        case .list(let elements): return .array(elements.map(value))
        case .section(let entries):
            // A name that comes twice was refused by the reader.
            return .object(Dictionary(entries.map { ($0.key, value($0.value)) }) { $1 })
        }
    }
}
