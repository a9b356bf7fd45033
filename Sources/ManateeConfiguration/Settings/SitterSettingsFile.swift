/// A sitter's configuration file, in either of its two forms.
package struct SitterSettingsFile: Equatable, Sendable {
    /// The forms of a configuration file.
    package enum Form: Equatable, Sendable {
        /// Manatee's own commented YAML.
        case yaml
        /// The original Manatee's `sitter.json`.
        case originalJSON
    }

    /// The form that the file had.
    package var form: Form
    /// What it says.
    package var settings: SitterSettings
    /// What an operator should know although the file can be used.
    package var warnings: [ConfigurationProblem]

    /// Reads the text of a file: the original's JSON if it is called so or begins with `{`.
    ///
    /// - Parameters:
    ///   - text: the file's content.
    ///   - file: its name, for messages.
    ///   - host: this host's name, which `peer.zoneId` defaults to.
    ///   - environment: variables called `MANATEE_SECTION_KEY` override the keys of a YAML file.
    /// - Throws: everything that is wrong with it, at once.
    package init(
        text: String,
        file: String,
        host: String,
        environment: [String: String] = [:]
    ) throws(InvalidConfiguration) {
        let text = text.hasPrefix("\u{feff}") ? String(text.dropFirst()) : text
        let isYAML = file.hasSuffix(".yaml") || file.hasSuffix(".yml")
        let isJSON = file.hasSuffix(".json") || !isYAML && text.first { !$0.isWhitespace } == "{"
        form = isJSON ? .originalJSON : .yaml
        var reading: SettingsReading
        let settings: SitterSettings?
        if isJSON {
            reading = SettingsReading(
                file: file,
                root: try JSONReader.read(text, file: file)
            )
            settings = SitterSettings(originalJSON: &reading)
            warnings = OriginalJSONWarnings.of(reading)
        } else {
            reading = SettingsReading(
                file: file,
                root: try YAMLReader.read(text, file: file),
                environment: environment
            )
            settings = SitterSettings(yaml: &reading, host: host)
            warnings = []
        }
        let problems = reading.problems + (isJSON ? [] : reading.unknownKeys)
        guard problems.isEmpty, let settings else {
            throw InvalidConfiguration(problems.inFileOrder)
        }
        self.settings = settings
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
