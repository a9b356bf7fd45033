import Foundation
import Glibc
import ManateeBackup
import ManateePostgres

/// Writes `devconfs`: three peers whose sitters are started by hand.
package struct DevConfigurationWriter: Sendable {
    /// How many peers there are, as in the original.
    package static let peers = 3

    /// The address that the peers listen on.
    package var ip: String
    /// Where ZooKeeper is.
    package var storeServers: String
    /// The shard's name, or its full path in the store.
    package var shard: String
    /// Where `devconfs` is made.
    package var parent: String
    /// The major version of PostgreSQL.
    package var postgresVersion: String
    /// Whether the data lies on ZFS; default: in plain directories.
    package var usesZFS = false

    /// A writer for these values.
    package init(
        ip: String,
        storeServers: String,
        shard: String,
        parent: String,
        postgresVersion: String
    ) {
        self.ip = ip
        self.storeServers = storeServers
        self.shard = shard
        self.parent = parent
        self.postgresVersion = postgresVersion
    }

    /// The directory that is written.
    package var root: String { DevDirectory(path: parent + "/devconfs").path }

    /// Writes the files of all peers, and one file of secrets that they share.
    ///
    /// - Parameter overwrite: whether configurations that are there already may be replaced. Data and
    ///   secrets are kept in any case.
    /// - Returns: the configurations, in order of the peers.
    /// - Throws: ``DevConfigurationFailure``, or what the file system said.
    package func write(overwrite: Bool) throws -> [DevConfiguration] {
        let files = FileManager.default
        if files.fileExists(atPath: root), !overwrite {
            throw DevConfigurationFailure.exists(root)
        }
        let owner = try Self.postgresOwner()
        try files.createDirectory(atPath: root, withIntermediateDirectories: true)
        chmod(root, 0o755)
        if owner != nil, let closed = DevDirectory.firstClosedDirectory(above: root) {
            throw DevDirectoryFailure.unreachable(path: root, closed: closed)
        }
        try files.createDirectory(
            atPath: root + "/datasets",
            withIntermediateDirectories: true
        )
        let secrets = root + "/manatee.secrets"
        if !files.fileExists(atPath: secrets) { try Secrets.generate().save(to: secrets) }
        try Self.give(secrets, to: owner)
        let token = root + "/backup.token"
        if !files.fileExists(atPath: token) { try BackupToken().save(to: token) }
        let configurations = (1...Self.peers).map { peer in
            var configuration = DevConfiguration(
                peer: peer,
                ip: ip,
                storeServers: storeServers,
                shard: shard,
                root: root,
                host: ProcessInfo.processInfo.hostName,
                postgresVersion: postgresVersion
            )
            configuration.usesZFS = usesZFS
            return configuration
        }
        for configuration in configurations {
            for directory in [configuration.directory, configuration.mountpoint] {
                try files.createDirectory(atPath: directory, withIntermediateDirectories: true)
                try Self.give(directory, to: owner)
            }
            chmod(configuration.mountpoint, 0o700)
            for (name, text) in configuration.files {
                let path = "\(configuration.directory)/\(name)"
                try text.write(toFile: path, atomically: true, encoding: .utf8)
                try Self.give(path, to: owner)
            }
        }
        return configurations
    }

    /// The name of the user that postgres runs as when we are root.
    static let postgresUser = "postgres"

    /// The user that postgres runs as when we are root; nil when it is run by whoever we are.
    static func postgresOwner() throws(DevConfigurationFailure) -> (user: uid_t, group: gid_t)? {
        guard geteuid() == 0 else { return nil }
        guard let entry = getpwnam(postgresUser) else { throw .noPostgresUser }
        return (entry.pointee.pw_uid, entry.pointee.pw_gid)
    }

    static func give(
        _ path: String,
        to owner: (user: uid_t, group: gid_t)?
    ) throws(DevConfigurationFailure) {
        guard let owner else { return }
        guard chown(path, owner.user, owner.group) == 0 else {
            throw .notGiven(path: path, reason: describe(errno))
        }
    }
}

/// Why `devconfs` was not written.
package enum DevConfigurationFailure: Error, Equatable, CustomStringConvertible {
    /// There is one already.
    case exists(String)
    /// As root, postgres needs a user of its own.
    case noPostgresUser
    /// A file could not be given to that user.
    case notGiven(path: String, reason: String)
    /// No server programs were found.
    case noPostgres(searched: String)

    /// What was attempted, what was seen, and what to do.
    package var description: String {
        switch self {
        case .exists(let path):
            """
            \(path) exists already; nothing was changed; use --force to write its configuration \
            anew (its data is kept), or remove it: rm -r \(path)
            """
        case .noPostgresUser:
            "postgres cannot run as root, and there is no user `postgres`; run `make setup`"
        case .notGiven(let path, let reason):
            "cannot give \(path) to the user postgres: \(reason)"
        case .noPostgres(let searched):
            "no PostgreSQL server found in \(searched); run `make setup`"
        }
    }
}
