import ManateePorts

/// The words for the backends in a configuration.
private enum StorageBackend: String, CaseIterable {
    case zfs
    case btrfs
    case directory
}

extension SettingsReading {
    /// The section `section` of either program's own form: what a peer's data lies on.
    ///
    /// - Returns: nil if the file has no such section, or if something of it is missing or wrong, which
    ///   the problems tell.
    mutating func storage(_ section: String = "storage") -> StorageSettings? {
        let backend: StorageBackend? = optional("\(section).backend", .choice)
        let onZFS = backend == .zfs
        let onTree = backend == .btrfs || backend == .directory
        let dataset =
            onZFS
            ? required("\(section).dataset", .dataset, example: "tank/manatee/data")
            : optional("\(section).dataset", .dataset)
        let mountpoint =
            onZFS
            ? required("\(section).mountpoint", .path, example: "/manatee/pg")
            : optional("\(section).mountpoint", .path)
        let cloneDirectory = optional("\(section).cloneDirectory", .path)
        let zfsPath = optional("\(section).zfsPath", .path)
        let path =
            onTree
            ? required("\(section).path", .path, example: "/srv/manatee")
            : optional("\(section).path", .path)
        let isolatedKept = value("\(section).isolatedKept", .count(1...100), default: 3)

        let ofZFS = [
            ("dataset", dataset), ("mountpoint", mountpoint), ("cloneDirectory", cloneDirectory),
            ("zfsPath", zfsPath),
        ]
        guard let backend else {
            requireBackend(section, given: ofZFS + [("path", path)])
            return nil
        }
        switch backend {
        case .zfs:
            refuse([("path", path)], section, of: backend)
            guard let dataset, let mountpoint else { return nil }
            return .zfs(
                ZFSSettings(
                    dataset: dataset,
                    mountpoint: mountpoint,
                    cloneDirectory: cloneDirectory,
                    isolatedKept: isolatedKept,
                    zfsPath: zfsPath ?? ZFSSettings.standardPath
                )
            )
        case .btrfs, .directory:
            refuse(ofZFS, section, of: backend)
            guard let path else { return nil }
            let tree = TreeSettings(root: path, isolatedKept: isolatedKept)
            return backend == .btrfs ? .btrfs(tree) : .directory(tree)
        }
    }

    /// The section `section` of a program that cannot do without it.
    mutating func requiredStorage(_ section: String = "storage") -> StorageSettings? {
        let before = problems.count
        let found = storage(section)
        if found == nil, problems.count == before {
            let kind = SettingKind<StorageBackend>.choice
            _ = required("\(section).backend", kind, example: "zfs")
        }
        return found
    }

    /// Keys without a backend would be without effect.
    private mutating func requireBackend(_ section: String, given: [(String, String?)]) {
        guard let (name, _) = given.first(where: { $0.1 != nil }),
            root.entry("\(section).backend".split(separator: ".")) == nil
        else { return }
        complain(
            "\(section).backend",
            found: "nothing, although \(section).\(name) is there",
            expected: "one of zfs, btrfs, directory",
            remedy: "add \(section).backend, or remove the section"
        )
    }

    private mutating func refuse(
        _ given: [(String, String?)],
        _ section: String,
        of backend: StorageBackend
    ) {
        for (name, value) in given where value != nil {
            complain(
                "\(section).\(name)",
                found: "a key that \(backend.rawValue) does not have",
                expected: backend == .zfs ? "dataset and mountpoint" : "path",
                remedy: "remove it, or change \(section).backend"
            )
        }
    }
}

extension StorageSettings {
    /// The settings as lines of the section `storage`, as `SettingsReading.storage` reads them.
    var effectiveYAML: [(name: String, value: String?)] {
        switch self {
        case .zfs(let zfs):
            [
                ("backend", StorageBackend.zfs.rawValue), ("dataset", quoted(zfs.dataset)),
                ("mountpoint", quoted(zfs.mountpoint)),
                ("cloneDirectory", quoted(zfs.cloneDirectory)),
                ("zfsPath", quoted(zfs.zfsPath)), ("isolatedKept", "\(zfs.isolatedKept)"),
            ]
        case .btrfs(let tree): Self.tree(tree, .btrfs)
        case .directory(let tree): Self.tree(tree, .directory)
        }
    }

    private static func tree(
        _ tree: TreeSettings,
        _ backend: StorageBackend
    ) -> [(name: String, value: String?)] {
        [
            ("backend", backend.rawValue), ("path", quoted(tree.root)),
            ("isolatedKept", "\(tree.isolatedKept)"),
        ]
    }
}
