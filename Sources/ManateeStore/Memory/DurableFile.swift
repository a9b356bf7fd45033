import Glibc

/// A small file that is read and replaced as a whole.
enum DurableFile {
    /// A step that the system refused.
    struct Failure: Error, CustomStringConvertible {
        var step: String
        var path: String
        var reason: String

        var description: String { "cannot \(step) \(path): \(reason)" }
    }

    /// The file's content; nil if there is no file.
    ///
    /// - Throws: `Failure`, also if it has more than `limit` bytes.
    static func read(_ path: String, limit: Int) throws(Failure) -> [UInt8]? {
        let file = open(path, O_RDONLY | O_CLOEXEC)
        guard file >= 0 else {
            if errno == ENOENT { return nil }
            throw failure("open", path)
        }
        defer { close(file) }
        var content: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 64 << 10)
        while true {
            let count = Glibc.read(file, &chunk, chunk.count)
            if count < 0 && errno == EINTR { continue }
            guard count >= 0 else { throw failure("read", path) }
            guard count > 0 else { return content }
            content += chunk[..<count]
            guard content.count <= limit else {
                throw Failure(step: "read", path: path, reason: "it has more than \(limit) bytes")
            }
        }
    }

    /// Puts `content` in the file's place; returns when that would survive a power failure.
    ///
    /// Only the owner may read it.
    static func replace(_ path: String, with content: [UInt8]) throws(Failure) {
        let directory = parent(of: path)
        if mkdir(directory, 0o700) != 0 && errno != EEXIST { throw failure("make", directory) }
        let new = path + ".new"
        do throws(Failure) {
            try write(content, to: new)
            guard rename(new, path) == 0 else { throw failure("replace", path) }
        } catch {
            // What is half written is of no use; the next attempt would overwrite it anyway.
            unlink(new)
            throw error
        }
        try synchronise(directory)
    }

    private static func write(_ content: [UInt8], to path: String) throws(Failure) {
        let file = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
        guard file >= 0 else { throw failure("create", path) }
        defer { close(file) }
        guard fchmod(file, 0o600) == 0 else { throw failure("protect", path) }
        var rest = content[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.write(file, $0.baseAddress, $0.count) }
            if count < 0 && errno == EINTR { continue }
            guard count > 0 else { throw failure("write", path) }
            rest = rest.dropFirst(count)
        }
        guard fsync(file) == 0 else { throw failure("make durable", path) }
    }

    private static func synchronise(_ directory: String) throws(Failure) {
        let file = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard file >= 0 else { throw failure("open", directory) }
        defer { close(file) }
        guard fsync(file) == 0 else { throw failure("make durable", directory) }
    }

    private static func parent(of path: String) -> String {
        guard let slash = path.lastIndex(of: "/") else { return "." }
        return slash == path.startIndex ? "/" : String(path[..<slash])
    }

    private static func failure(_ step: String, _ path: String) -> Failure {
        let number = errno
        let reason = strerror(number).map { String(cString: $0) } ?? "error \(number)"
        return Failure(step: step, path: path, reason: reason)
    }
}
