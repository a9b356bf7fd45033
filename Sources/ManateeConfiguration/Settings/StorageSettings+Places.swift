package import ManateePorts

/// Where a peer's files lie when its data is in a storage.
extension StorageSettings {
    /// The directory in which the data appears.
    package var dataPath: String {
        switch self {
        case .zfs(let zfs): zfs.mountpoint
        case .btrfs(let tree), .directory(let tree): "\(tree.root)/data"
        }
    }

    /// The directory of what belongs to the peer and must neither travel with its data nor go back
    /// with it: what it remembers, its socket, its logs, its passwords.
    package var sideDirectory: String { "\(dataPath).manatee" }
}

extension SettingsReading {
    /// The keys of a peer's files in one form of the file.
    struct FileKeys {
        var data: String
        var secrets: String
        var socket: String

        static let yaml = FileKeys(
            data: "postgres.dataDirectory",
            secrets: "postgres.secretFile",
            socket: "postgres.socketDirectory"
        )
        static let originalJSON = FileKeys(
            data: "postgresMgrCfg.dataDir",
            secrets: "postgresMgrCfg.secretFile",
            socket: "postgresMgrCfg.socketDir"
        )
    }

    /// Notes a database that is not in its storage, and files that would travel with it.
    mutating func checkPlaces(of settings: SitterSettings, keys: FileKeys) {
        guard let path = settings.storage?.dataPath else { return }
        let database = settings.postgres.dataDirectory
        let below = database.hasPrefix(path + "/") ? database.dropFirst(path.count + 1) : ""
        if below.isEmpty || below.contains("/") {
            complain(
                keys.data,
                found: "\(database), while the storage's data appears in \(path)",
                expected: "a directory right below \(path)",
                remedy: "write \(keys.data): \(path)/data"
            )
        }
        let files = [
            (keys.secrets, settings.postgres.secretFile),
            (keys.socket, settings.postgres.socketDirectory),
            ("memoryFile", settings.memoryFile),
        ]
        for (key, file) in files where file.hasPrefix(path + "/") {
            complain(
                key,
                found: "\(file), which would be copied and rolled back with the data in \(path)",
                expected: "a path outside of \(path)",
                remedy: "leave \(key) out, or name one in \(settings.storage?.sideDirectory ?? "/")"
            )
        }
    }
}
