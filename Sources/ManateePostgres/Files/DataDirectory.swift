import Dispatch
import Foundation
import Glibc
import ManateeCore
import ManateeGuard

/// The directory of the database and what lies beside it.
struct DataDirectory: Sendable {
    /// What is in it.
    enum Contents: Equatable, Sendable {
        /// Nothing, or no directory at all.
        case empty
        /// Something that was begun and not finished: it must be replaced.
        case incomplete
        /// A database of this major version.
        case database(version: Int)
    }

    /// The directory.
    var path: String
    /// Who writes into it.
    var files: ServerFiles

    /// A place to make a new database before it takes the directory's place, so that nothing half-made
    /// ever lies there.
    ///
    /// Each attempt has its own: the tool of an attempt whose sitter was killed may still be writing.
    func newIncoming() -> String { incomingPrefix + UUID().uuidString.prefix(8) }

    private var incomingPrefix: String { path + ".incoming-" }

    /// Places that earlier attempts left.
    var leftIncoming: [String] {
        let parent = files.parent(of: path)
        return (files.names(in: parent) ?? []).map { "\(parent)/\($0)" }
            .filter { $0.hasPrefix(incomingPrefix) }
    }

    /// Exists while the directory is being changed in a way that cannot be resumed.
    var incompleteMarker: String { path + Self.incompleteSuffix }
    static let incompleteSuffix = ".incomplete"
    /// Makes the server follow instead of acting as primary.
    var standbySignal: String { path + "/standby.signal" }

    /// Looks at the directory.
    ///
    /// - Throws: if it is no directory, belongs to somebody else, or holds something unknown.
    func contents() throws(PostgresFailure) -> Contents {
        var facts = stat()
        guard stat(path, &facts) == 0 else {
            if errno == ENOENT { return .empty }
            throw files.failure("look at the data directory", path)
        }
        guard facts.st_mode & S_IFMT == S_IFDIR else {
            throw PostgresFailure(.other, "the data directory \(path) is not a directory")
        }
        guard let names = files.names(in: path) else {
            throw files.failure("list the data directory", path)
        }
        guard !names.isEmpty else { return .empty }
        let owner = files.owner.user
        guard facts.st_uid == owner.id else {
            throw PostgresFailure(
                .other,
                "the data directory \(path) belongs to user number \(facts.st_uid), but postgres "
                    + "is to run as \(owner.name); run: chown -R \(owner.name) \(path)"
            )
        }
        if files.exists(incompleteMarker) { return .incomplete }
        let version = files.read(path + "/PG_VERSION")?.split(separator: "\n").first
        guard let version = version.flatMap({ Int($0) }) else {
            throw PostgresFailure(
                .other,
                "the data directory \(path) holds files but no database of PostgreSQL 10 or later "
                    + "(no PG_VERSION); name an empty directory"
            )
        }
        return .database(version: version)
    }

    /// Puts the finished copy into the directory's place.
    ///
    /// - Parameters:
    ///   - incoming: the finished copy.
    ///   - old: where to move what is there now; nil if nothing is.
    /// - Throws: if something stands in the way.
    func replace(with incoming: String, movingOldTo old: String?) throws(PostgresFailure) {
        if let old {
            try files.move(path, to: old)
        } else if files.exists(path) {
            guard rmdir(path) == 0 else {
                throw files.failure("replace (it must be empty, and no mount point)", path)
            }
        }
        try files.move(incoming, to: path)
        try files.remove(incompleteMarker)
    }

    /// Removes a tree, on a thread where that may take long; harmless if there is none.
    ///
    /// Not cancellable: it cleans up after what was cancelled.
    func removeTree(_ tree: String) async throws {
        guard files.exists(tree) else { return }
        try await withCheckedThrowingContinuation {
            (continuation: CheckedContinuation<Void, any Error>) in
            DispatchQueue.global().async {
                continuation.resume(
                    with: Result { try FileManager.default.removeItem(atPath: tree) }
                )
            }
        }
    }

    /// The content of `postmaster.pid`; nil if there is none.
    var lockFile: LockFile? {
        files.read(path + "/postmaster.pid").flatMap(LockFile.init(parsing:))
    }
}
