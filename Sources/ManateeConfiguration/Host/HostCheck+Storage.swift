import ManateePorts

/// Whether the host can keep the data as the settings say.
extension HostCheck {
    private static let btrfsPath = "/usr/bin/btrfs"

    var storage: [ConfigurationProblem] {
        switch settings.storage {
        case nil: []
        case .zfs(let zfs):
            program(zfs.zfsPath, key: zfsKey("zfsPath"), from: "zfsutils-linux or zfs-fuse")
                + place(zfs.mountpoint, key: zfsKey("mountpoint"))
        case .btrfs(let tree):
            program(Self.btrfsPath, key: "storage.backend", from: "btrfs-progs") + rights
                + place(tree.root, key: "storage.path")
        case .directory(let tree):
            place(tree.root, key: "storage.path")
        }
    }

    private func zfsKey(_ name: String) -> String {
        form == .yaml ? "storage.\(name)" : "postgresMgrCfg.zfsClientCfg.\(name)"
    }

    private func program(
        _ path: String,
        key: String,
        from packages: String
    ) -> [ConfigurationProblem] {
        guard host.file(at: path)?.isExecutable != true else { return [] }
        return [
            problem(
                key,
                found: "no program \(path)",
                expected: "the storage's tools on this host",
                remedy: "install the package \(packages), or choose another storage"
            )
        ]
    }

    private var rights: [ConfigurationProblem] {
        guard !host.isRoot else { return [] }
        return [
            problem(
                "storage.backend",
                found: "btrfs, while the sitter runs as \(host.userName)",
                expected: "a sitter that runs as root: subvolumes are received and deleted by root",
                remedy: "run the sitter as root (postgres runs as postgres.osUser all the same)"
            )
        ]
    }

    /// What is made when it is missing must not be something else.
    private func place(_ path: String, key: String) -> [ConfigurationProblem] {
        guard let facts = host.file(at: path), !facts.isDirectory else { return [] }
        return [
            problem(
                key,
                found: "\(path), which is not a directory",
                expected: "a directory, or a path that is free",
                remedy: "move what is there away, or name another path"
            )
        ]
    }
}
