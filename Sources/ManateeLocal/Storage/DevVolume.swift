/// A file system in a sparse file: that of a whole local shard, or of one of its peers.
struct DevVolume: Equatable, Sendable {
    /// The sparse file.
    var image: String
    /// How large it pretends to be, when it is new.
    var megabytes: Int
    /// The name of its pool, on ZFS.
    var pool: String
    /// Where it is mounted, on btrfs.
    var mountpoint: String
    /// A directory on it that belongs to nobody's data.
    var filler: String
}

extension DevSettings {
    /// The file systems of the shard: one, or with ``peerDiskMegabytes`` one for each peer.
    func volumes(in directory: DevDirectory, megabytes: Int) -> [DevVolume] {
        let disk = directory.diskDirectory
        guard let peerDiskMegabytes else {
            return [
                DevVolume(
                    image: directory.diskImage,
                    megabytes: megabytes,
                    pool: pool(1, in: directory),
                    mountpoint: disk,
                    filler: "\(disk)/filler"
                )
            ]
        }
        return (1...ports.peers.count).map { peer in
            DevVolume(
                image: "\(directory.path)/disk\(peer).image",
                megabytes: peerDiskMegabytes,
                pool: pool(peer, in: directory),
                mountpoint: "\(disk)/peer\(peer)",
                filler: storage == .zfs ? "\(disk)/filler\(peer)" : "\(disk)/peer\(peer)/filler"
            )
        }
    }

    /// The name of the pool that holds a peer's data, on ZFS.
    func pool(_ peer: Int, in directory: DevDirectory) -> String {
        peerDiskMegabytes == nil ? directory.pool : "\(directory.pool)-\(peer)"
    }
}
