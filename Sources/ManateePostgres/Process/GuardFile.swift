import Glibc
import ManateeCore

/// The file beside the data directory by which sitters and guards know of each other.
///
/// Whoever holds its lock is in charge of the postgres of that directory. Its first line names the
/// sitter that has a guard; a guard appends what it did.
final class GuardFile: Sendable {
    /// Where it lies.
    let path: String
    /// Ours alone: the lock belongs to it, so no child may inherit it.
    private let descriptor: Int32

    /// Opens the file, making it if there is none; it belongs to the server's user, as the guard does.
    ///
    /// - Throws: if it cannot be opened.
    init(_ path: String, files: ServerFiles) throws(PostgresFailure) {
        try files.makeDirectory(files.parent(of: path), mode: 0o755)
        self.path = path
        descriptor = try Self.open(path, files)
        guard files.owner.mustChangeOwner else { return }
        guard fchown(descriptor, files.owner.user.id, files.owner.user.group) == 0 else {
            throw files.failure("give to user \(files.owner.user.name)", path)
        }
    }

    deinit {
        close(descriptor)
    }

    private static func open(
        _ path: String,
        _ files: ServerFiles
    ) throws(PostgresFailure) -> Int32 {
        let flags = O_RDWR | O_APPEND | O_CREAT | O_CLOEXEC | O_NOFOLLOW
        let descriptor = Glibc.open(path, flags, 0o600)
        guard descriptor >= 0 else { throw files.failure("open", path) }
        return descriptor
    }

    /// Another descriptor of the file, which has no part in the lock; the caller closes it.
    func reopened(_ files: ServerFiles) throws(PostgresFailure) -> Int32 {
        try Self.open(path, files)
    }

    /// Takes the lock; false if somebody else has it.
    func lock() -> Bool {
        flock(descriptor, LOCK_EX | LOCK_NB) == 0
    }

    /// How long the file is, in bytes.
    var size: Int {
        var facts = stat()
        return fstat(descriptor, &facts) == 0 ? Int(facts.st_size) : 0
    }

    /// The lines of the file, the empty ones left out.
    var lines: [String] {
        // A guard writes one short line in its life, and each sitter begins anew.
        withUnsafeTemporaryAllocation(byteCount: 65536, alignment: 1) { buffer in
            let count = pread(descriptor, buffer.baseAddress, buffer.count, 0)
            return String(decoding: buffer.prefix(max(0, count)), as: UTF8.self)
                .split(separator: "\n").map(String.init)
        }
    }

    /// Replaces the content by one line, or by nothing.
    func rewrite(_ line: String?) {
        ftruncate(descriptor, 0)
        guard let line else { return }
        // On a full disk the line is missing: then the older guard goes at its limit, for want of the
        // lock.
        var text = line + "\n"
        text.withUTF8 { _ = write(descriptor, $0.baseAddress, $0.count) }
    }
}
