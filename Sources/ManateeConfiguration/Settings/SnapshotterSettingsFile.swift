/// A snapshotter's configuration file, in either of its two forms.
package struct SnapshotterSettingsFile: Equatable, Sendable {
    /// What it says.
    package var settings: SnapshotterSettings
    /// What an operator should know although the file can be used.
    package var warnings: [ConfigurationProblem]

    /// Reads the text of a file: the original's JSON if it is called so or begins with `{`.
    ///
    /// - Throws: everything that is wrong with it, at once.
    package init(
        text: String,
        file: String,
        environment: [String: String] = [:]
    ) throws(InvalidConfiguration) {
        var source = try SettingsSource(text: text, file: file, environment: environment)
        let settings: SnapshotterSettings?
        switch source.form {
        case .originalJSON:
            settings = SnapshotterSettings(originalJSON: &source.reading)
            warnings = OriginalJSONWarnings.of(source.reading)
        case .yaml:
            settings = SnapshotterSettings(yaml: &source.reading)
            warnings = []
        }
        self.settings = try source.checked(settings)
    }

    /// Reads the file at `path`.
    ///
    /// - Throws: everything that is wrong with it, at once.
    package static func load(
        _ path: String,
        environment: [String: String]
    ) throws(InvalidConfiguration) -> SnapshotterSettingsFile {
        try SnapshotterSettingsFile(
            text: try SettingsSource.text(
                of: path,
                program: "snapshotter",
                sample: "etc/manatee-snapshotter.yaml"
            ),
            file: path,
            environment: environment
        )
    }
}
