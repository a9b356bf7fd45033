import FoundationEssentials

/// A configuration file's text, ready to be read in whichever form it has.
struct SettingsSource {
    /// The most that is read of a file, in bytes: far more than any configuration has.
    private static let sizeLimit = 1 << 20

    /// The form that the file has.
    let form: SitterSettingsFile.Form
    var reading: SettingsReading

    /// The text of a file: the original's JSON if it is called so or begins with `{`.
    ///
    /// Variables of `environment` override the keys of a YAML file.
    ///
    /// - Throws: if it is neither JSON nor YAML.
    init(
        text: String,
        file: String,
        environment: [String: String]
    ) throws(InvalidConfiguration) {
        let text = text.hasPrefix("\u{feff}") ? String(text.dropFirst()) : text
        let isYAML = file.hasSuffix(".yaml") || file.hasSuffix(".yml")
        let isJSON = file.hasSuffix(".json") || !isYAML && text.first { !$0.isWhitespace } == "{"
        form = isJSON ? .originalJSON : .yaml
        reading =
            isJSON
            ? SettingsReading(file: file, root: try JSONReader.read(text, file: file))
            : SettingsReading(
                file: file,
                root: try YAMLReader.read(text, file: file),
                environment: environment
            )
    }

    /// The settings, if nothing is wrong; in Manatee's own form unknown keys are.
    func checked<Settings>(_ settings: Settings?) throws(InvalidConfiguration) -> Settings {
        let problems =
            switch form {
            case .yaml: reading.problems + reading.unknownKeys
            case .originalJSON: reading.problems
            }
        guard problems.isEmpty, let settings else {
            throw InvalidConfiguration(problems.inFileOrder)
        }
        return settings
    }

    /// The text of the file at `path`, of a `program` that is named it with `-f`.
    ///
    /// - Throws: why it cannot be read, with a `sample` to begin with.
    static func text(
        of path: String,
        program: String,
        sample: String,
        host: LocalHost = LocalHost()
    ) throws(InvalidConfiguration) -> String {
        try text(
            of: path,
            expected: "the \(program)'s configuration",
            remedy: "name it with -f; \(sample) is one to begin with",
            host: host
        )
    }

    /// The text of the file at `path`.
    ///
    /// - Throws: why it cannot be read, with what was `expected` and the `remedy`.
    static func text(
        of path: String,
        expected: String,
        remedy: String,
        host: LocalHost = LocalHost()
    ) throws(InvalidConfiguration) -> String {
        let data: Data
        do {
            data = try Data(contentsOf: URL(filePath: path))
        } catch {
            let facts = host.file(at: path)
            let found =
                switch facts {
                case nil: "no such file"
                case let facts? where facts.isDirectory: "a directory"
                case .some: "a file that \(host.userName) cannot read"
                }
            throw InvalidConfiguration([
                ConfigurationProblem(
                    file: path,
                    found: found,
                    expected: expected,
                    remedy: remedy
                )
            ])
        }
        guard data.count <= sizeLimit, let text = String(data: data, encoding: .utf8) else {
            throw InvalidConfiguration([
                ConfigurationProblem(
                    file: path,
                    found: data.count > sizeLimit
                        ? "\(data.count) bytes" : "bytes that are no UTF-8 text",
                    expected: "a text of at most \(sizeLimit) bytes",
                    remedy: remedy
                )
            ])
        }
        return text
    }
}

extension [ConfigurationProblem] {
    /// The problems by line; those about no line come last, in the order in which they were found.
    var inFileOrder: [ConfigurationProblem] {
        enumerated().sorted { left, right in
            (left.element.line ?? .max, left.offset) < (right.element.line ?? .max, right.offset)
        }.map(\.element)
    }
}
