package import ManateePorts

/// What any program's configuration file says about the storage, whatever else it says.
package struct StorageSettingsFile: Equatable, Sendable {
    /// What the data lies on.
    package var storage: StorageSettings
    /// Where PostgreSQL's programs are; nil means: found on this host.
    package var binDirectory: String?

    /// Reads the storage out of a sitter's or snapshotter's file, Manatee's own or the original's.
    ///
    /// - Throws: what is wrong with that part of it.
    package init(
        text: String,
        file: String,
        environment: [String: String] = [:]
    ) throws(InvalidConfiguration) {
        var source = try SettingsSource(text: text, file: file, environment: environment)
        let storage: StorageSettings?
        switch source.form {
        case .yaml:
            storage = source.reading.requiredStorage()
            binDirectory = source.reading.optional("postgres.binDirectory", .path)
        case .originalJSON:
            storage = Self.original(&source.reading)
            binDirectory = source.reading.optional("postgresMgrCfg.binDir", .path)
        }
        guard source.reading.problems.isEmpty, let storage else {
            throw InvalidConfiguration(source.reading.problems.inFileOrder)
        }
        self.storage = storage
    }

    private static func original(_ reading: inout SettingsReading) -> StorageSettings? {
        let client = ["postgresMgrCfg.zfsClientCfg", "zfsClientCfg"].first { key in
            reading.root.entry(key.split(separator: ".")) != nil
        }
        guard let client else {
            return SnapshotterSettings(originalJSON: &reading)?.storage
        }
        let dataset = reading.required("\(client).dataset", .dataset, example: "\"tank/pg/data\"")
        let mountpoint = reading.required("\(client).mountpoint", .path, example: "\"/manatee/pg\"")
        guard let dataset, let mountpoint else { return nil }
        return .zfs(ZFSSettings(dataset: dataset, mountpoint: mountpoint))
    }

    /// Reads the file at `path`.
    ///
    /// - Throws: what is wrong with it.
    package static func load(
        _ path: String,
        environment: [String: String]
    ) throws(InvalidConfiguration) -> StorageSettingsFile {
        try StorageSettingsFile(
            text: try SettingsSource.text(
                of: path,
                program: "sitter or snapshotter",
                sample: "etc/manatee-snapshotter.yaml"
            ),
            file: path,
            environment: environment
        )
    }
}
