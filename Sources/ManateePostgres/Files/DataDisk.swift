import Glibc
package import ManateeCore
package import ManateePorts

/// The file system that a data directory lies on.
package struct DataDisk: DataRoom {
    private let directory: String
    private let reserve: String
    private let reserveSize: SpaceAmount

    /// The disk of `dataDirectory`, with a reserve of this size; at most a twentieth of the whole is
    /// taken.
    ///
    /// - Parameters:
    ///   - dataDirectory: the data, absolute.
    ///   - reserveFile: the file that takes the room; no snapshot of the data may hold it, or nothing
    ///     is gained by its end.
    ///   - size: how much it takes.
    package init(dataDirectory: String, reserveFile: String, reserve size: SpaceAmount) {
        directory = dataDirectory
        reserve = reserveFile
        reserveSize = size
    }

    /// How much room there is for an unprivileged writer.
    package func space() throws(EffectFailure) -> StorageSpace {
        var facts = statvfs()
        let parent = directory.split(separator: "/").dropLast().reduce("") { "\($0)/\($1)" }
        // Before there is a database, its place to be is asked for.
        guard statvfs(directory, &facts) == 0 || statvfs(parent + "/", &facts) == 0 else {
            throw failure("ask for the room of", directory)
        }
        let unit = Int64(facts.f_frsize)
        return StorageSpace(
            total: Int64(facts.f_blocks) * unit,
            free: Int64(facts.f_bavail) * unit,
            usedBySnapshots: nil,
            isReadOnly: facts.f_flag & UInt(ST_RDONLY) != 0
        )
    }

    /// Whether the file of the reserve is there.
    package func hasReserve() -> Bool { access(reserve, F_OK) == 0 }

    /// Allocates the file once there is data to recover, which there is not while that is not mounted;
    /// on another file system than the data's it is refused.
    package func makeReserve() throws(EffectFailure) {
        guard !hasReserve(), access(directory, F_OK) == 0 else { return }
        let total = try space().total
        let size = min(reserveSize.bytes(of: total), total / 20)
        guard size > 0 else { return }
        let file = open(reserve, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard file >= 0 else { throw failure("create the reserve", reserve) }
        defer { close(file) }
        guard isOnDisk(file) else {
            unlink(reserve)
            throw EffectFailure("\(reserve) is not on the file system of \(directory): no reserve")
        }
        let result = posix_fallocate(file, 0, off_t(size))
        guard result == 0 else {
            unlink(reserve)
            errno = result
            throw failure("allocate \(size) bytes for the reserve", reserve)
        }
    }

    /// Removes the file.
    package func releaseReserve() throws(EffectFailure) {
        guard unlink(reserve) == 0 || errno == ENOENT else {
            throw failure("remove the reserve", reserve)
        }
    }

    /// Whether a file is on the data's file system: on the same device or, where each subvolume looks
    /// like one (btrfs), with the same name of the whole.
    private func isOnDisk(_ file: Int32) -> Bool {
        var (own, data) = (stat(), stat())
        guard fstat(file, &own) == 0, stat(directory, &data) == 0 else { return false }
        if own.st_dev == data.st_dev { return true }
        var (ownSystem, dataSystem) = (statvfs(), statvfs())
        guard fstatvfs(file, &ownSystem) == 0, statvfs(directory, &dataSystem) == 0 else {
            return false
        }
        // btrfs has a subvolume's number in the upper half.
        let names = [ownSystem.f_fsid, dataSystem.f_fsid].map { UInt32(truncatingIfNeeded: $0) }
        return names[0] != 0 && names[0] == names[1]
    }

    private func failure(_ attempt: String, _ path: String) -> EffectFailure {
        EffectFailure("cannot \(attempt) \(path): \(String(cString: strerror(errno)))")
    }
}
