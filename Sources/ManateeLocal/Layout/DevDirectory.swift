import CLinux
import Foundation
import Glibc

/// The directory of a local shard: everything that it keeps between runs.
///
/// A marker file says that it is one, so that nothing else is ever removed.
package struct DevDirectory: Equatable, Sendable {
    /// The absolute path, without a slash at the end.
    package let path: String

    /// The directory at `path`, which need not exist yet.
    package init(path: String) {
        let absolute = URL(filePath: path).standardizedFileURL.path
        self.path =
            absolute.count > 1 && absolute.hasSuffix("/") ? String(absolute.dropLast()) : absolute
    }

    private static let markerText = "A local Manatee shard; `manatee-dev destroy` removes it.\n"

    private var markerFile: String { path + "/manatee-dev.marker" }
    /// What was chosen when the shard was made: ports and times.
    package var settingsFile: String { path + "/settings.json" }
    /// The passwords of Manatee's own roles, shared by all peers.
    package var secretsFile: String { path + "/manatee.secrets" }
    /// The application's password, for libpq.
    package var passfile: String { path + "/app.pgpass" }
    /// Where ZooKeeper keeps its data, one directory per server.
    package var storeDirectory: String { path + "/store" }
    /// The process that runs the shard now.
    package var runnerFile: String { pidFile("manatee-dev") }

    /// Everything of one peer.
    package func peerDirectory(_ peer: Int) -> String { "\(path)/sitter\(peer)" }
    /// The peer's configuration.
    package func configurationFile(_ peer: Int) -> String { peerDirectory(peer) + "/sitter.yaml" }
    /// The peer's database.
    package func dataDirectory(_ peer: Int) -> String { peerDirectory(peer) + "/data" }
    /// The sitter's log, one JSON object per line.
    package func logFile(_ peer: Int) -> String { "\(path)/sitter\(peer).log" }
    /// Who a process is that was started for the shard.
    package func pidFile(_ name: String) -> String { "\(path)/pids/\(name).json" }

    /// The sparse file that holds the shard's file system, if it has one of its own.
    package var diskImage: String { path + "/disk.image" }
    /// Where that is mounted.
    package var diskDirectory: String { path + "/disk" }
    /// The name of its pool, on ZFS.
    package var pool: String { "manatee-" + hash }
    /// What the backup servers know each other by.
    package var backupTokenFile: String { path + "/backup.token" }
    /// What operators prove themselves by to the sitters' servers.
    package var operatorTokenFile: String { path + "/operator.token" }
    /// The configuration of the peer's backup server.
    package func backupConfigurationFile(_ peer: Int) -> String {
        peerDirectory(peer) + "/backupserver.yaml"
    }
    /// The log of the peer's backup server.
    package func backupLogFile(_ peer: Int) -> String { "\(path)/backupserver\(peer).log" }

    /// Where the peer's postgres puts its socket.
    ///
    /// The path of a socket has at most 107 bytes, so a long directory keeps its sockets elsewhere.
    package func socketDirectory(_ peer: Int) -> String {
        let inside = peerDirectory(peer) + "/socket"
        guard inside.utf8.count > 80 else { return inside }
        return "\(distantSocketDirectory)/\(peer)"
    }

    private var distantSocketDirectory: String { "/tmp/manatee-dev-" + hash }

    /// A word for the path: the same for the same path in every process.
    private var hash: String {
        // FNV-1a.
        let hash = path.utf8.reduce(UInt64(0xcbf2_9ce4_8422_2325)) { hash, byte in
            (hash ^ UInt64(byte)) &* 0x100_0000_01b3
        }
        return String(hash, radix: 16)
    }

    /// Whether this is the directory of a local shard.
    package var isMarked: Bool { FileManager.default.fileExists(atPath: markerFile) }

    /// Makes the directory, or checks that the one that is there belongs to a local shard.
    ///
    /// - Throws: ``DevDirectoryFailure``
    package func prepare() throws(DevDirectoryFailure) {
        let files = FileManager.default
        if !isMarked {
            // A directory that cannot be listed is not there, or not ours.
            let content = (try? files.contentsOfDirectory(atPath: path)) ?? []
            guard content.isEmpty else { throw .foreign(path: path) }
        }
        do {
            try files.createDirectory(atPath: path + "/pids", withIntermediateDirectories: true)
            try Self.markerText.write(toFile: markerFile, atomically: true, encoding: .utf8)
        } catch {
            throw .unusable(path: path, reason: "\(error)")
        }
        // Postgres runs as another user when we are root, and must get through.
        chmod(path, 0o755)
        if geteuid() == 0, let closed = Self.firstClosedDirectory(above: path) {
            throw .unreachable(path: path, closed: closed)
        }
    }

    /// Removes the directory with everything in it.
    ///
    /// - Throws: ``DevDirectoryFailure`` if it is not the directory of a local shard.
    package func remove() throws(DevDirectoryFailure) {
        guard isMarked else { throw .foreign(path: path) }
        do {
            try FileManager.default.removeItem(atPath: path)
            if FileManager.default.fileExists(atPath: distantSocketDirectory) {
                try FileManager.default.removeItem(atPath: distantSocketDirectory)
            }
        } catch {
            throw .unusable(path: path, reason: "\(error)")
        }
    }

    /// The first directory on the way to `path` that other users cannot pass.
    static func firstClosedDirectory(above path: String) -> String? {
        var part = ""
        for name in path.split(separator: "/") {
            part += "/\(name)"
            var facts = stat()
            guard stat(part, &facts) == 0 else { return nil }
            if facts.st_mode & 0o001 == 0 { return part }
        }
        return nil
    }
}

/// Why a directory cannot be used for a local shard.
package enum DevDirectoryFailure: Error, Equatable, CustomStringConvertible {
    /// It holds something else.
    case foreign(path: String)
    /// It cannot be made, written or removed.
    case unusable(path: String, reason: String)
    /// The user that postgres runs as cannot get there.
    case unreachable(path: String, closed: String)

    /// What was attempted, what was seen, and what to do.
    package var description: String {
        switch self {
        case .foreign(let path):
            "\(path) is not the directory of a local shard; nothing was touched; name another with --dir"
        case .unusable(let path, let reason):
            "cannot use \(path) for a local shard: \(reason)"
        case .unreachable(let path, let closed):
            """
            cannot use \(path) for a local shard: as root, postgres runs as another user, which \
            cannot pass \(closed); choose a directory elsewhere, such as /var/tmp/manatee-dev
            """
        }
    }
}
