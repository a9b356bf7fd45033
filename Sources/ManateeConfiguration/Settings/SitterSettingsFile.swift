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
        var source = try SettingsSource(text: text, file: file, environment: environment)
        form = source.form
        let settings: SitterSettings?
        switch form {
        case .originalJSON:
            settings = SitterSettings(originalJSON: &source.reading)
            warnings = OriginalJSONWarnings.of(source.reading)
        case .yaml:
            settings = SitterSettings(yaml: &source.reading, host: host)
            warnings = []
        }
        self.settings = try source.checked(settings)
    }
}
