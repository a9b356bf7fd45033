import Glibc
package import ManateeCore
package import ManateePorts

/// The file system that a data directory lies on.
package struct DataDisk: DataRoom {
    private let directory: String
    private let reserve: String
    private let reserveSize: SpaceAmount

    /// The disk of `dataDirectory`, with a reserve of this size in a file beside it; at most a
    /// twentieth of the whole is taken.
    package init(dataDirectory: String, reserve size: SpaceAmount) {
        directory = dataDirectory
        reserve = dataDirectory + ".reserve"
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
            usedBySnapshots: nil
        )
    }

    /// Whether the file of the reserve is there.
    package var hasReserve: Bool { access(reserve, F_OK) == 0 }

    /// Allocates the file; it lies on another file system than the data where that is a mount point,
    /// and is then refused.
    package func makeReserve() throws(EffectFailure) {
        if hasReserve { return }
        let total = try space().total
        let size = min(reserveSize.bytes(of: total), total / 20)
        guard size > 0 else { return }
        var (own, data) = (stat(), stat())
        // Where the data is not mounted, the file would lie below its mount point and be in its way.
        guard stat(directory, &data) == 0 else { throw failure("see", directory) }
        let file = open(reserve, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard file >= 0 else { throw failure("create the reserve", reserve) }
        defer { close(file) }
        guard fstat(file, &own) == 0, own.st_dev == data.st_dev else {
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

    private func failure(_ attempt: String, _ path: String) -> EffectFailure {
        EffectFailure("cannot \(attempt) \(path): \(String(cString: strerror(errno)))")
    }
}
