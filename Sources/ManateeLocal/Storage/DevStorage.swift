/// What the peers of a local shard keep their data on.
package enum DevStorage: String, CaseIterable, Codable, Sendable {
    /// A plain directory: no snapshots, no backup servers.
    case directory
    /// A ZFS pool in a sparse file, a data set for each peer.
    case zfs
    /// A btrfs file system in a sparse file, a subvolume for each peer.
    case btrfs

    /// The programs that it needs, absolute, with the package that has them.
    package var programs: (paths: [String], package: String) {
        switch self {
        case .directory: ([], "")
        case .zfs: ([Self.zpool, Self.zfsProgram], "zfs-fuse or zfsutils-linux")
        case .btrfs: (["/usr/bin/btrfs", Self.makeBtrfs], "btrfs-progs")
        }
    }

    static let zfsProgram = "/usr/sbin/zfs"
    static let zpool = "/usr/sbin/zpool"
    static let zfsFuse = "/usr/sbin/zfs-fuse"
    static let makeBtrfs = "/usr/sbin/mkfs.btrfs"
}

/// Where the data of each peer lies.
extension DevSettings {
    /// The directory of a peer's database.
    package func dataDirectory(_ peer: Int, in directory: DevDirectory) -> String {
        switch storage ?? .directory {
        case .directory: directory.dataDirectory(peer)
        case .zfs: "\(directory.diskDirectory)/peer\(peer)/data"
        case .btrfs: "\(directory.diskDirectory)/peer\(peer)/data/data"
        }
    }

    /// The file by which an operator asks the peer to copy its data anew.
    package func rebuildRequest(_ peer: Int, in directory: DevDirectory) -> String {
        let place = "\(directory.diskDirectory)/peer\(peer)"
        return switch storage ?? .directory {
        case .directory: directory.dataDirectory(peer) + ".rebuild"
        case .zfs: place + ".manatee/rebuild"
        case .btrfs: place + "/data.manatee/rebuild"
        }
    }

    /// The lines of a peer's section `storage`; none without one.
    func storageYAML(_ peer: Int, in directory: DevDirectory) -> [String] {
        let place = "\(directory.diskDirectory)/peer\(peer)"
        switch storage ?? .directory {
        case .directory: return []
        case .zfs:
            return [
                "storage:", "  backend: zfs",
                "  dataset: \(pool(peer, in: directory))/peer\(peer)/data",
                "  mountpoint: \(SitterYAML.quoted(place))",
            ]
        case .btrfs:
            return ["storage:", "  backend: btrfs", "  path: \(SitterYAML.quoted(place))"]
        }
    }
}
