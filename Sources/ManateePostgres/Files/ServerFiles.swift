import Foundation
import Glibc
import ManateeCore

/// Writes the files that the server reads, owned by its user.
struct ServerFiles: Sendable {
    /// Whom the files belong to.
    var owner: ServerUser

    /// Replaces a file if its content or mode differs, so that a crash leaves the old or the new one.
    ///
    /// - Parameters:
    ///   - text: the whole content.
    ///   - path: the file.
    ///   - mode: its permissions.
    /// - Returns: whether it was replaced.
    /// - Throws: if it cannot be written.
    @discardableResult
    func write(
        _ text: String,
        to path: String,
        mode: mode_t = 0o600
    ) throws(PostgresFailure) -> Bool {
        if read(path) == text, permissions(of: path) == mode { return false }
        let temporary = path + ".manatee-new"
        unlink(temporary)
        let file = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode)
        guard file >= 0 else { throw failure("create", temporary) }
        do {
            defer { close(file) }
            try give(file, mode, temporary)
            var left = Array(text.utf8)[...]
            while !left.isEmpty {
                let written = left.withUnsafeBytes { Glibc.write(file, $0.baseAddress, $0.count) }
                guard written > 0 else { throw failure("write", temporary) }
                left = left.dropFirst(written)
            }
            guard fsync(file) == 0 else { throw failure("flush", temporary) }
        }
        guard rename(temporary, path) == 0 else { throw failure("replace", path) }
        try flushDirectory(of: path)
        return true
    }

    private func give(_ file: Int32, _ mode: mode_t, _ path: String) throws(PostgresFailure) {
        guard fchmod(file, mode) == 0 else { throw failure("set the mode of", path) }
        if owner.mustChangeOwner {
            guard fchown(file, owner.user.id, owner.user.group) == 0 else {
                throw failure("give to user \(owner.user.name)", path)
            }
        }
    }

    /// The content of a file; nil if it cannot be read.
    func read(_ path: String) -> String? {
        // Absent and unreadable files are alike here: whoever needs the file will say so.
        try? String(contentsOfFile: path, encoding: .utf8)
    }

    /// Removes a file for good; harmless if there is none.
    func remove(_ path: String) throws(PostgresFailure) {
        if unlink(path) == 0 {
            try flushDirectory(of: path)
        } else if errno != ENOENT {
            throw failure("remove", path)
        }
    }

    /// Makes sure that a directory exists with this mode and belongs to the server's user.
    func makeDirectory(_ path: String, mode: mode_t = 0o700) throws(PostgresFailure) {
        if exists(path) { return }
        let parent = parent(of: path)
        if !exists(parent) { try makeDirectory(parent, mode: 0o755) }
        guard mkdir(path, mode) == 0 || errno == EEXIST else { throw failure("create", path) }
        if owner.mustChangeOwner {
            guard chown(path, owner.user.id, owner.user.group) == 0 else {
                throw failure("give to user \(owner.user.name)", path)
            }
        }
        guard chmod(path, mode) == 0 else { throw failure("set the mode of", path) }
        try flushDirectory(of: path)
    }

    /// Gives something another name, for good.
    func move(_ path: String, to new: String) throws(PostgresFailure) {
        guard rename(path, new) == 0 else { throw failure("rename to \(new)", path) }
        try flushDirectory(of: new)
        try flushDirectory(of: path)
    }

    /// Whether something exists at `path`.
    func exists(_ path: String) -> Bool {
        access(path, F_OK) == 0
    }

    /// The names in a directory, sorted; nil if it cannot be read.
    func names(in path: String) -> [String]? {
        // Absent and unreadable directories are alike here: whoever needs the names will say so.
        (try? FileManager.default.contentsOfDirectory(atPath: path))?.sorted()
    }

    /// The directory that holds `path`.
    func parent(of path: String) -> String {
        let parent = (path as NSString).deletingLastPathComponent
        return parent.isEmpty ? "." : parent
    }

    private func permissions(of path: String) -> mode_t? {
        var facts = stat()
        guard stat(path, &facts) == 0 else { return nil }
        return facts.st_mode & 0o7777
    }

    private func flushDirectory(of path: String) throws(PostgresFailure) {
        let parent = parent(of: path)
        let directory = open(parent, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard directory >= 0 else { throw failure("open", parent) }
        defer { close(directory) }
        guard fsync(directory) == 0 else { throw failure("flush", parent) }
    }

    /// The failure of a call that just failed, with its reason.
    func failure(_ attempt: String, _ path: String) -> PostgresFailure {
        let number = errno
        let reason = String(cString: strerror(number))
        return PostgresFailure(
            number == ENOSPC || number == EDQUOT ? .noSpace : .other,
            "cannot \(attempt) \(path): \(reason)"
        )
    }
}
