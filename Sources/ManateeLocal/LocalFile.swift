import Glibc

/// The little that starting a server needs of the file system.
enum LocalFile {
    /// Makes a directory, readable by its owner only, and those above it.
    static func makeDirectory(_ path: String) throws(ZooKeeperServerFailure) {
        var part = ""
        for name in path.split(separator: "/") {
            part += "/\(name)"
            guard mkdir(part, 0o700) != 0, errno != EEXIST else { continue }
            throw .file(path: part, reason: describe(errno))
        }
    }

    /// Replaces a file's text.
    static func write(_ text: String, to path: String) throws(ZooKeeperServerFailure) {
        let descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw .file(path: path, reason: describe(errno)) }
        defer { close(descriptor) }
        var rest = Array(text.utf8)[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            guard count >= 0 else { throw .file(path: path, reason: describe(errno)) }
            rest = rest.dropFirst(count)
        }
    }

    /// The last lines of a file, 2 KiB at most; empty if it cannot be read.
    static func end(of path: String) -> String {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return "" }
        defer { close(descriptor) }
        let size = 2_048
        let length = lseek(descriptor, 0, SEEK_END)
        lseek(descriptor, max(0, length - off_t(size)), SEEK_SET)
        var bytes = [UInt8](repeating: 0, count: size)
        let count = read(descriptor, &bytes, size)
        return String(decoding: bytes.prefix(max(0, count)), as: UTF8.self)
    }
}
