/// Which backend a peer's data lies on, and where.
package enum StorageSettings: Equatable, Sendable {
    /// A ZFS data set.
    case zfs(ZFSSettings)
    /// A subvolume of a btrfs file system.
    case btrfs(TreeSettings)
    /// A plain directory of any file system.
    case directory(TreeSettings)
}

/// Where the data lies on ZFS.
package struct ZFSSettings: Equatable, Sendable {
    /// The data set, for example `tank/manatee/data`; it cannot be a pool.
    ///
    /// What is set aside, clones, and what is being received lie beside it, below `isolated`,
    /// `clones` and `incoming`.
    package var dataset: String
    /// Where it is mounted, absolute.
    package var mountpoint: String
    /// Where clones are mounted while somebody looks at them, absolute; default: the mount point
    /// with `-clones` behind it.
    package var cloneDirectory: String
    /// How many copies may be set aside; default 3.
    package var isolatedKept: Int
    /// The `zfs` program, absolute; default `/usr/sbin/zfs`.
    package var zfsPath: String

    /// `/usr/sbin/zfs`.
    package static let standardPath = "/usr/sbin/zfs"

    /// These settings.
    package init(
        dataset: String,
        mountpoint: String,
        cloneDirectory: String? = nil,
        isolatedKept: Int = 3,
        zfsPath: String = standardPath
    ) {
        self.dataset = dataset
        self.mountpoint = mountpoint
        self.cloneDirectory = cloneDirectory ?? mountpoint + "-clones"
        self.isolatedKept = isolatedKept
        self.zfsPath = zfsPath
    }
}

/// Where the data lies in a tree of directories.
package struct TreeSettings: Equatable, Sendable {
    /// The directory of everything, absolute and without symbolic links; the data is `data` in it.
    package var root: String
    /// How many copies may be set aside; default 3.
    package var isolatedKept: Int

    /// These settings.
    package init(root: String, isolatedKept: Int = 3) {
        self.root = root
        self.isolatedKept = isolatedKept
    }
}
