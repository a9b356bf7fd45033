import Foundation
import Glibc
import ManateeCore
import ManateePorts

/// The directory of a database inside a copy that nobody else uses.
struct DatabaseCopy: Sendable {
    /// The directory with `PG_VERSION`.
    let directory: String
    /// The major version.
    let version: Int
    /// Whom its files belong to.
    let owner: SystemUser

    /// Finds the database at `path` or one level below; nil if there is none.
    ///
    /// - Throws: if what is there cannot be started without touching something else.
    init?(in path: String) throws(CopyUndecided) {
        // A directory that cannot be read holds nothing to be looked at.
        let names = (try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []
        let places = [path] + names.sorted().map { "\(path)/\($0)" }
        let found = places.filter { access("\($0)/PG_VERSION", F_OK) == 0 }
        guard let directory = found.first else { return nil }
        guard found.count == 1 else {
            throw CopyUndecided("\(path) holds several databases: \(found.joined(separator: ", "))")
        }
        // What cannot be read is told as a version that is not known.
        let text = (try? String(contentsOfFile: "\(directory)/PG_VERSION", encoding: .utf8)) ?? ""
        guard let version = Int(text.filter { !$0.isWhitespace }) else {
            throw CopyUndecided("\(directory)/PG_VERSION holds no version")
        }
        var facts = stat()
        guard stat("\(directory)/PG_VERSION", &facts) == 0,
            let owner = SystemUser.numbered(facts.st_uid), owner.id != 0
        else {
            throw CopyUndecided(
                "\(directory) belongs to user number \(facts.st_uid), as whom postgres cannot run"
            )
        }
        self.directory = directory
        self.version = version
        self.owner = owner
        try requireSelfContained()
    }

    /// A link out of the copy leads to the files of the running database, and recovery writes.
    private func requireSelfContained() throws(CopyUndecided) {
        for place in [directory, "\(directory)/pg_tblspc"] {
            // As above: what cannot be listed holds nothing.
            let names = (try? FileManager.default.contentsOfDirectory(atPath: place)) ?? []
            for name in names where isLink("\(place)/\(name)") {
                throw CopyUndecided(
                    "\(place)/\(name) is a link out of the copy (a tablespace, or the log): the copy "
                        + "cannot be started without writing to the database itself"
                )
            }
        }
    }

    private func isLink(_ path: String) -> Bool {
        var facts = stat()
        return lstat(path, &facts) == 0 && facts.st_mode & S_IFMT == S_IFLNK
    }

    /// Makes it startable for an inspection: alone, read-only, with a socket in `socketDirectory`.
    func isolate(
        files: ServerFiles,
        control: [String: String],
        socketDirectory: String
    ) throws(PostgresFailure) {
        for name in ["postmaster.pid", "postmaster.opts", "standby.signal", "recovery.signal"] {
            try files.remove("\(directory)/\(name)")
        }
        // Slots would ask for settings of replication; nobody will ever use them here.
        for name in files.names(in: "\(directory)/pg_replslot") ?? [] {
            do {
                try FileManager.default.removeItem(atPath: "\(directory)/pg_replslot/\(name)")
            } catch {
                throw PostgresFailure(.other, "cannot remove slot \(name) from the copy: \(error)")
            }
        }
        let parameters = Self.parameters(control: control, socketDirectory: socketDirectory)
        let lines = parameters.sorted { $0.key < $1.key }.map { "\($0.key) = '\($0.value)'\n" }
        try files.write(lines.joined(), to: "\(directory)/postgresql.conf")
        try files.write("", to: "\(directory)/postgresql.auto.conf")
        let superuser = Secrets.superuser
        try files.write(
            "local all \(superuser) peer map=manatee\n",
            to: "\(directory)/pg_hba.conf"
        )
        let users = Set([owner.name, SystemUser.current.name]).sorted()
        try files.write(
            users.map { "manatee \"\($0)\" \(superuser)\n" }.joined(),
            to: "\(directory)/pg_ident.conf"
        )
    }

    /// Nothing of the copy's own configuration counts, least of all what speaks to others.
    static func parameters(
        control: [String: String],
        socketDirectory: String
    ) -> [String: String] {
        var parameters = [
            "listen_addresses": "",
            "port": "5432",
            "unix_socket_directories": socketDirectory,
            "unix_socket_permissions": "0700",
            "default_transaction_read_only": "on",
            "archive_mode": "off",
            "max_wal_senders": "0",
            "max_logical_replication_workers": "0",
            "shared_preload_libraries": "",
            "autovacuum": "off",
            // It does not outlive the inspection.
            "fsync": "off",
            "logging_collector": "off",
            "log_destination": "stderr",
            "restart_after_crash": "off",
            "max_connections": "20",
        ]
        // Recovery needs room for as many as the database had.
        parameters["max_prepared_transactions"] = control["max_prepared_xacts setting"]
        parameters["max_locks_per_transaction"] = control["max_locks_per_xact setting"]
        return parameters
    }
}
