import Yams

/// Reads YAML into nodes that know their lines.
enum YAMLReader {
    /// Reads the one document in `text`; an empty one is an empty section.
    static func read(
        _ text: String,
        file: String,
        sample: String = "etc/manatee-sitter.yaml"
    ) throws(InvalidConfiguration) -> SettingsNode {
        do {
            guard let root = try compose(yaml: text) else {
                return SettingsNode(content: .section([]), line: 1)
            }
            return try node(root, file: file)
        } catch let error as YamlError {
            throw InvalidConfiguration([problem(error, file: file, sample: sample)])
        } catch let error as InvalidConfiguration {
            throw error
        } catch {
            throw InvalidConfiguration([
                ConfigurationProblem(
                    file: file,
                    found: "\(error)",
                    expected: "YAML",
                    remedy: "compare the file with \(sample)"
                )
            ])
        }
    }

    private static func node(
        _ node: Node,
        file: String
    ) throws(InvalidConfiguration) -> SettingsNode {
        let line = node.mark?.line ?? 1
        switch node {
        case .scalar(let scalar):
            let quoted: Bool
            switch scalar.style {
            case .singleQuoted, .doubleQuoted, .literal, .folded: quoted = true
            case .any, .plain: quoted = false
            }
            return SettingsNode(content: .scalar(scalar.string, quoted: quoted), line: line)
        case .sequence(let sequence):
            var elements: [SettingsNode] = []
            for element in sequence { elements.append(try self.node(element, file: file)) }
            return SettingsNode(content: .list(elements), line: line)
        case .mapping(let mapping):
            var entries: [SettingsNode.Entry] = []
            for (key, value) in mapping {
                guard let name = key.scalar?.string else {
                    throw InvalidConfiguration([
                        ConfigurationProblem(
                            file: file,
                            line: key.mark?.line ?? line,
                            found: "a list or section where a key should be",
                            expected: "a name",
                            remedy: "write `name: value`"
                        )
                    ])
                }
                entries.append(
                    SettingsNode.Entry(
                        key: name,
                        line: key.mark?.line ?? line,
                        value: try self.node(value, file: file)
                    )
                )
            }
            return SettingsNode(content: .section(entries), line: line)
        case .alias(let alias):
            throw InvalidConfiguration([
                ConfigurationProblem(
                    file: file,
                    line: alias.mark?.line ?? line,
                    found: "the alias *\(alias.anchor.rawValue)",
                    expected: "a value",
                    remedy: "write the value out"
                )
            ])
        }
    }

    private static func problem(
        _ error: YamlError,
        file: String,
        sample: String
    ) -> ConfigurationProblem {
        var problem = ConfigurationProblem(
            file: file,
            found: "\(error)".split(separator: "\n").first.map(String.init) ?? "no YAML",
            expected: "YAML: `key: value` lines, sections indented by spaces",
            remedy: "correct the line or compare it with \(sample)"
        )
        // An enum of the library's, which may grow.
        switch error {
        case .scanner(_, let text, let mark, _), .parser(_, let text, let mark, _),
            .composer(_, let text, let mark, _):
            problem.line = mark.line
            problem.found = "what is no YAML (\(text))"
        case .duplicatedKeysInMapping(let keys, let context):
            problem.line = context.mark.line
            problem.key = keys.first
            problem.found = "the same key twice in one section"
            problem.expected = "each key once"
            problem.remedy = "remove all but one"
        default:
            break
        }
        return problem
    }
}
