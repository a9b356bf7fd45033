import CLinux
import Glibc
import ManateePorts

/// The few operations on files and directories that need no program.
enum HostFiles {
    /// The text of a small file; nil if it cannot be read.
    static func text(_ path: String) -> String? {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 65_536)
        while true {
            let count = read(descriptor, &chunk, chunk.count)
            guard count > 0 else {
                return count == 0 ? String(decoding: bytes, as: UTF8.self) : nil
            }
            bytes += chunk[..<count]
        }
    }

    /// The entries of a directory, sorted; nil if it cannot be read.
    static func names(in path: String) -> [String]? {
        guard let directory = opendir(path) else { return nil }
        defer { closedir(directory) }
        var names: [String] = []
        while let entry = readdir(directory) {
            let name = withUnsafeBytes(of: &entry.pointee.d_name) { bytes in
                String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
            }
            if name != ".", name != ".." { names.append(name) }
        }
        return names.sorted()
    }

    /// Where a symbolic link points; nil if it is none or may not be read.
    static func linkTarget(_ path: String) -> String? {
        var bytes = [UInt8](repeating: 0, count: Int(PATH_MAX))
        let count = bytes.withUnsafeMutableBytes { buffer in
            buffer.baseAddress.map { base in
                readlink(path, base.assumingMemoryBound(to: CChar.self), buffer.count)
            } ?? -1
        }
        return count > 0 ? String(decoding: bytes.prefix(count), as: UTF8.self) : nil
    }

    /// What is known about a path itself; nil if it is not there.
    static func facts(_ path: String) -> stat? {
        var facts = stat()
        return lstat(path, &facts) == 0 ? facts : nil
    }

    /// Whether something is there.
    static func exists(_ path: String) -> Bool { facts(path) != nil }

    /// Makes a directory, and those above it, unless it is there.
    static func makeDirectory(_ path: String, mode: mode_t = 0o755) throws(StorageFailure) {
        if exists(path) { return }
        if let slash = path.lastIndex(of: "/"), slash != path.startIndex {
            try makeDirectory(String(path[..<slash]))
        }
        guard mkdir(path, mode) == 0 || errno == EEXIST else {
            throw failure("cannot make the directory \(path)")
        }
    }

    /// Makes an empty file.
    static func makeFile(_ path: String) throws(StorageFailure) {
        let descriptor = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw failure("cannot make the file \(path)") }
        close(descriptor)
    }

    /// Removes a file or an empty directory.
    static func remove(_ path: String) throws(StorageFailure) {
        guard Glibc.remove(path) == 0 || errno == ENOENT else {
            throw failure("cannot remove \(path)")
        }
    }

    /// Gives something a new path that must be free.
    static func move(_ path: String, to destination: String) throws(StorageFailure) {
        guard !exists(destination) else {
            throw StorageFailure(.exists, "cannot move \(path): \(destination) is there already")
        }
        guard rename(path, destination) == 0 else {
            throw failure("cannot move \(path) to \(destination)")
        }
    }

    /// Swaps what two paths stand for, in one step.
    static func exchange(_ one: String, _ other: String) throws(StorageFailure) {
        guard manatee_exchange(one, other) == 0 else {
            throw failure("cannot exchange \(one) and \(other)")
        }
    }

    /// The total and the free bytes of the file system below `path`.
    static func space(_ path: String) throws(StorageFailure) -> (total: Int64, free: Int64) {
        var facts = statvfs()
        guard statvfs(path, &facts) == 0 else { throw failure("cannot measure \(path)") }
        let unit = Int64(facts.f_frsize)
        return (Int64(facts.f_blocks) * unit, Int64(facts.f_bavail) * unit)
    }

    /// Whether the directory or one of its entries belongs to somebody else.
    static func isForeign(_ path: String, to owner: StorageOwner) -> Bool {
        ([path] + (names(in: path) ?? []).map { "\(path)/\($0)" }).contains { path in
            guard let facts = facts(path) else { return false }
            return facts.st_uid != owner.user || facts.st_gid != owner.group
        }
    }

    private static func failure(_ attempt: String) -> StorageFailure {
        let code = errno
        let kind: StorageFailure.Kind =
            switch code {
            case ENOSPC, EDQUOT: .noSpace
            case EPERM, EACCES, EROFS: .notPermitted
            case EBUSY: .inUse
            case ENOENT: .missing
            case _: .failed
            }
        return StorageFailure(kind, "\(attempt): \(String(cString: strerror(code)))")
    }
}
