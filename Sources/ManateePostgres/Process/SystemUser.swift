import Glibc
import ManateeCore

/// A user of the operating system.
struct SystemUser: Sendable, Equatable {
    /// The name.
    var name: String
    /// The number.
    var id: uid_t
    /// The number of the primary group.
    var group: gid_t

    /// The user whom this process runs as; the number serves as name if it has none.
    static var current: SystemUser {
        let id = geteuid()
        guard let found = find({ getpwuid_r(id, $0, $1, $2, $3) }) else {
            return SystemUser(name: String(id), id: id, group: getegid())
        }
        return found
    }

    /// The user called `name`; nil if there is none.
    static func named(_ name: String) -> SystemUser? {
        find { getpwnam_r(name, $0, $1, $2, $3) }
    }

    /// The user with this number; nil if there is none.
    static func numbered(_ id: uid_t) -> SystemUser? {
        find { getpwuid_r(id, $0, $1, $2, $3) }
    }

    private static func find(
        _ look: (
            UnsafeMutablePointer<passwd>, UnsafeMutablePointer<CChar>, Int,
            UnsafeMutablePointer<UnsafeMutablePointer<passwd>?>
        ) -> Int32
    ) -> SystemUser? {
        var entry = passwd()
        var found: UnsafeMutablePointer<passwd>?
        return withUnsafeTemporaryAllocation(of: CChar.self, capacity: 16384) { buffer in
            guard let text = buffer.baseAddress,
                look(&entry, text, buffer.count, &found) == 0, found != nil
            else { return nil }
            return SystemUser(
                name: String(cString: entry.pw_name),
                id: entry.pw_uid,
                group: entry.pw_gid
            )
        }
    }
}

/// Whom the server and its tools run as.
///
/// PostgreSQL refuses to run as root, and should not be able to do what root can.
struct ServerUser: Sendable {
    /// The user.
    var user: SystemUser
    /// The words to put before a command so that it runs as the user; none when we are the user.
    var prefix: [String]

    /// Finds the user to run as.
    ///
    /// - Parameter wanted: the name of the unprivileged user to change to when we are root.
    /// - Throws: if there is no such user.
    init(wanted: String?) throws(PostgresFailure) {
        let current = SystemUser.current
        guard current.id == 0 else {
            user = current
            prefix = []
            return
        }
        let name = wanted ?? "postgres"
        guard let found = SystemUser.named(name), found.id != 0 else {
            throw PostgresFailure(
                .other,
                "cannot run postgres as user \(name): there is no such unprivileged user; "
                    + "create it, or name another as the database user"
            )
        }
        user = found
        prefix = Self.changing(to: found)
    }

    /// The user whom files belong to.
    ///
    /// - Throws: if we are somebody else, and not root.
    init(owning user: SystemUser) throws(PostgresFailure) {
        let current = SystemUser.current
        guard current.id == 0 || current.id == user.id else {
            throw PostgresFailure(
                .other,
                "the files belong to \(user.name): run this as \(user.name) or as root"
            )
        }
        self.user = user
        prefix = current.id == 0 ? Self.changing(to: user) : []
    }

    private static func changing(to user: SystemUser) -> [String] {
        [
            "/usr/bin/setpriv", "--reuid", String(user.id), "--regid", String(user.group),
            "--init-groups", "--inh-caps=-all", "--",
        ]
    }

    /// Whether files must be given to the user.
    var mustChangeOwner: Bool { !prefix.isEmpty }
}
