/// One pass over a configuration file: it hands out typed values and gathers everything that is wrong.
///
/// The keys that were asked for are the known ones; whatever else the file holds is unknown.
struct SettingsReading {
    let file: String
    let root: SettingsNode
    /// Variables that come before the file's values, by name.
    let environment: [String: String]
    /// The file that documents all keys.
    let sample: String
    private(set) var problems: [ConfigurationProblem] = []
    private(set) var known: Set<String> = []
    private var open: Set<String> = []

    init(
        file: String,
        root: SettingsNode,
        environment: [String: String] = [:],
        sample: String = "etc/manatee-sitter.yaml"
    ) {
        self.file = file
        self.root = root
        self.environment = environment
        self.sample = sample
        if case .section = root.content { return }
        problems.append(
            ConfigurationProblem(
                file: file,
                line: root.line,
                found: root.summary,
                expected: "a section with keys",
                remedy: "compare the file with \(sample)"
            )
        )
    }

    /// The value of `key`, or `absent` if the file does not give it or gives it wrongly.
    mutating func value<Value>(
        _ key: String,
        _ kind: SettingKind<Value>,
        default absent: Value
    )
        -> Value
    {
        optional(key, kind) ?? absent
    }

    /// The value of `key`; nil if the file does not give it or gives it wrongly.
    mutating func optional<Value>(_ key: String, _ kind: SettingKind<Value>) -> Value? {
        find(key).flatMap { scalar($0, key: key, kind) }
    }

    /// The value of `key`; nil, and a problem, if the file does not give it.
    mutating func required<Value>(
        _ key: String,
        _ kind: SettingKind<Value>,
        example: String
    ) -> Value? {
        if let found = find(key) { return scalar(found, key: key, kind) }
        let parent = root.entry(key.split(separator: ".").dropLast())
        // What stands in place of the section is told once, not again for each of its keys.
        guard (parent?.value ?? root).canHoldKeys else { return nil }
        problems.append(
            ConfigurationProblem(
                file: file,
                line: parent?.line,
                key: key,
                found: "nothing",
                expected: kind.expected,
                remedy: "add \(key), for example \(example)"
            )
        )
        return nil
    }

    /// The elements of the list `key`, or `absent` if the file does not give it.
    mutating func list<Value>(
        _ key: String,
        _ kind: SettingKind<Value>,
        default absent: [Value]
    ) -> [Value] {
        guard let found = find(key) else { return absent }
        guard case .list(let elements) = found.content else {
            reject(found, key: key, expected: "a list", remedy: "write one `- ...` line for each")
            return []
        }
        return elements.enumerated().compactMap { index, element in
            scalar(element, key: "\(key)[\(index)]", kind)
        }
    }

    /// The names and values of the free section `key`; none if the file does not give it.
    mutating func dictionary(_ key: String, names: SettingKind<String>) -> [String: String] {
        open.insert(key)
        guard let found = find(key) else { return [:] }
        guard case .section(let entries) = found.content else {
            reject(
                found,
                key: key,
                expected: "a section of names and values",
                remedy: "write one `name: value` line for each, indented below \(key)"
            )
            return [:]
        }
        var values: [String: String] = [:]
        for entry in entries {
            let path = "\(key).\(entry.key)"
            guard names.parse(entry.key, true) != nil else {
                reject(
                    SettingsNode(content: .scalar(entry.key, quoted: true), line: entry.line),
                    key: path,
                    expected: names.expected,
                    remedy: names.remedy
                )
                continue
            }
            guard case .scalar(let text, _) = entry.value.content else {
                reject(
                    entry.value,
                    key: path,
                    expected: "one value",
                    remedy: "write `name: value`"
                )
                continue
            }
            values[entry.key] = text
        }
        return values
    }

    /// Notes a problem that concerns the value of `key` as a whole.
    mutating func complain(_ key: String, found: String, expected: String, remedy: String) {
        problems.append(
            ConfigurationProblem(
                file: file,
                line: root.entry(key.split(separator: "."))?.line,
                key: key,
                found: found,
                expected: expected,
                remedy: remedy
            )
        )
    }

    /// Takes `key` as one that has no effect, whatever it says.
    mutating func ignore(_ key: String) { open.insert(key) }

    /// The keys of the file that nobody asked for, as problems with the nearest known key.
    var unknownKeys: [ConfigurationProblem] {
        unknownKeys(in: root, below: "")
    }

    private func unknownKeys(in node: SettingsNode, below path: String) -> [ConfigurationProblem] {
        guard case .section(let entries) = node.content else { return [] }
        return entries.flatMap { entry -> [ConfigurationProblem] in
            let key = path.isEmpty ? entry.key : "\(path).\(entry.key)"
            if known.contains(key) || open.contains(key) { return [] }
            if known.contains(where: { $0.hasPrefix(key + ".") }) {
                if case .section = entry.value.content {
                    return unknownKeys(in: entry.value, below: key)
                }
                if entry.value.isNull { return [] }
                return [
                    ConfigurationProblem(
                        file: file,
                        line: entry.line,
                        key: key,
                        found: entry.value.summary,
                        expected: "a section",
                        remedy: "write its keys on the next lines, indented"
                    )
                ]
            }
            let meant = KeySuggestion.nearest(to: key, among: known)
            return [
                ConfigurationProblem(
                    file: file,
                    line: entry.line,
                    key: key,
                    found: "an unknown key",
                    expected: "a known key",
                    remedy: meant.map { "write \($0) if that was meant, or remove it" }
                        ?? "remove it; \(sample) lists all keys"
                )
            ]
        }
    }

    private mutating func find(_ key: String) -> SettingsNode? {
        known.insert(key)
        if let text = environment[EnvironmentName.of(key)] {
            return SettingsNode(content: .scalar(text, quoted: false), line: 0)
        }
        let found = root.entry(key.split(separator: "."))?.value
        return found?.isNull == true ? nil : found
    }

    private mutating func scalar<Value>(
        _ node: SettingsNode,
        key: String,
        _ kind: SettingKind<Value>
    ) -> Value? {
        if case .scalar(let text, let quoted) = node.content,
            let value = kind.parse(text, quoted)
        {
            return value
        }
        reject(
            node,
            key: key,
            found: kind.isConfidential ? "something else (not shown)" : node.summary,
            expected: kind.expected,
            remedy: kind.remedy
        )
        return nil
    }

    private mutating func reject(
        _ node: SettingsNode,
        key: String,
        found: String? = nil,
        expected: String,
        remedy: String
    ) {
        let variable = EnvironmentName.of(key)
        let isOverridden = environment[variable] != nil
        problems.append(
            ConfigurationProblem(
                file: isOverridden ? "environment variable \(variable)" : file,
                line: isOverridden ? nil : node.line,
                key: key,
                found: found ?? node.summary,
                expected: expected,
                remedy: remedy
            )
        )
    }
}
