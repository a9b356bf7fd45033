import Foundation
import Glibc
package import ManateeCore

/// The passwords of Manatee's own roles, the same on all peers of a shard.
///
/// They live in one file that only its owner can read, one `role:password` a line. They never are
/// in arguments, logs, errors or descriptions: `description` says only whose they are.
package struct Secrets: Sendable, CustomStringConvertible, CustomDebugStringConvertible {
    /// The role that owns the database; over the local socket only.
    package static let superuser = "postgres"
    /// The role with which peers replicate, copy and rewind.
    package static let replicator = "manatee_replication"
    /// The role that looks at the servers' views.
    package static let monitor = "manatee_monitor"

    private static let roles = [superuser, replicator, monitor]
    private static let leastLength = 16

    private var passwords: [String: String]

    /// The password of one of the roles above.
    func password(of role: String) -> String { passwords[role] ?? "" }

    /// New passwords of 256 random bits each.
    package static func generate() -> Secrets {
        var random = SystemRandomNumberGenerator()
        let digits = Array("0123456789abcdef")
        let pairs = roles.map { role in
            (role, String((0..<64).map { _ in digits[Int(random.next(upperBound: UInt(16)))] }))
        }
        return Secrets(passwords: Dictionary(uniqueKeysWithValues: pairs))
    }

    /// Reads the passwords from a file.
    ///
    /// - Parameter path: the file.
    /// - Returns: the passwords.
    /// - Throws: if it is missing, readable by others, or incomplete.
    package static func load(from path: String) throws(PostgresFailure) -> Secrets {
        var facts = stat()
        guard stat(path, &facts) == 0 else {
            throw PostgresFailure(
                .other,
                "cannot read the secrets file \(path): \(String(cString: strerror(errno))); "
                    + "copy it from another peer, or create one on the first"
            )
        }
        guard facts.st_mode & 0o077 == 0 else {
            throw PostgresFailure(
                .other,
                "the secrets file \(path) is open to other users (mode "
                    + "0\(String(facts.st_mode & 0o777, radix: 8))); run: chmod 600 \(path)"
            )
        }
        let text: String
        do {
            text = try String(contentsOfFile: path, encoding: .utf8)
        } catch {
            throw PostgresFailure(.other, "cannot read the secrets file \(path)")
        }
        guard let secrets = Secrets(parsing: text) else {
            throw PostgresFailure(
                .other,
                "the secrets file \(path) must have a line `role:password` for each of "
                    + "\(roles.joined(separator: ", ")), with passwords of \(leastLength) or more "
                    + "letters and digits"
            )
        }
        return secrets
    }

    /// Writes the passwords to a new file with mode 0600.
    ///
    /// - Parameter path: the file; it must not exist.
    /// - Throws: if it exists or cannot be written.
    package func save(to path: String) throws(PostgresFailure) {
        let file = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard file >= 0 else {
            throw PostgresFailure(
                .other,
                "cannot create the secrets file \(path): \(String(cString: strerror(errno)))"
            )
        }
        defer { close(file) }
        let text = Self.roles.map { "\($0):\(password(of: $0))\n" }.joined()
        let bytes = Array(text.utf8)
        guard write(file, bytes, bytes.count) == bytes.count, fsync(file) == 0 else {
            unlink(path)
            throw PostgresFailure(
                .other,
                "cannot write the secrets file \(path): \(String(cString: strerror(errno)))"
            )
        }
    }

    private init(passwords: [String: String]) {
        self.passwords = passwords
    }

    /// Reads `role:password` lines; empty ones and those that begin with `#` are skipped.
    init?(parsing text: String) {
        var found: [String: String] = [:]
        for line in text.split(whereSeparator: \.isNewline) where !line.hasPrefix("#") {
            let parts = line.split(separator: ":", maxSplits: 1).map(String.init)
            guard parts.count == 2, parts[1].utf8.count >= Self.leastLength,
                parts[1].allSatisfy({ $0.isASCII && ($0.isLetter || $0.isNumber) })
            else { return nil }
            found[parts[0]] = parts[1]
        }
        guard Self.roles.allSatisfy({ found[$0] != nil }) else { return nil }
        passwords = found
    }

    /// The content of a passfile for the server's user, in libpq's format.
    package var passfile: String {
        [Self.replicator, Self.monitor].map { role in
            "*:*:*:\(Passfile.escape(role)):\(Passfile.escape(password(of: role)))\n"
        }.joined()
    }

    /// Whose passwords these are, without them.
    package var description: String { "secrets of \(Self.roles.joined(separator: ", "))" }
    /// The same as `description`.
    package var debugDescription: String { description }
}

/// libpq's file of passwords.
enum Passfile {
    /// A field as libpq reads it back: `:` and `\` are escaped.
    static func escape(_ field: String) -> String {
        field.replacing("\\", with: "\\\\").replacing(":", with: "\\:")
    }
}
