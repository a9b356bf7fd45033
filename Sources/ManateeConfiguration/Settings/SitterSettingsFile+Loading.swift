extension SitterSettingsFile {
    /// Reads the file at `path`.
    ///
    /// - Throws: everything that is wrong with it, at once.
    package static func load(
        _ path: String,
        environment: [String: String],
        host: LocalHost = LocalHost()
    ) throws(InvalidConfiguration) -> SitterSettingsFile {
        try SitterSettingsFile(
            text: try SettingsSource.text(
                of: path,
                program: "sitter",
                sample: "etc/manatee-sitter.yaml",
                host: host
            ),
            file: path,
            host: host.name,
            environment: environment
        )
    }
}
