import Foundation
import Glibc
import ManateePostgres

/// The role and database with which a user of a local shard tries it.
enum DevApplication {
    /// Makes the password file, unless it is there.
    static func preparePassfile(of directory: DevDirectory) throws {
        guard !FileManager.default.fileExists(atPath: directory.passfile) else { return }
        let password = (0..<32).map { _ in String(UInt8.random(in: 0...15), radix: 16) }.joined()
        // Never readable by others, not even before it has its content.
        guard
            FileManager.default.createFile(
                atPath: directory.passfile,
                contents: Data("*:*:*:app:\(password)\n".utf8),
                attributes: [.posixPermissions: 0o600]
            )
        else {
            throw DevDirectoryFailure.unusable(
                path: directory.passfile,
                reason: describe(errno)
            )
        }
    }

    /// Makes role and database on the primary, unless they are there.
    ///
    /// - Throws: `PostgresError`, or what the file system said.
    static func create(
        through connection: PostgresConnection,
        directory: DevDirectory
    ) async throws {
        let line = try String(contentsOfFile: directory.passfile, encoding: .utf8)
        let password = String(line.split(whereSeparator: \.isNewline)[0].split(separator: ":")[4])
        // Only the verifier travels, so that the password is in no server log.
        let verifier = try await connection.verifier(for: password, of: "app")
        let roles = try await connection.query("SELECT 1 FROM pg_roles WHERE rolname = 'app'")
        let verb = roles.isEmpty ? "CREATE" : "ALTER"
        _ = try await connection.query("\(verb) ROLE app LOGIN PASSWORD '\(verifier)'")
        let databases = try await connection.query(
            "SELECT 1 FROM pg_database WHERE datname = 'app'"
        )
        if databases.isEmpty {
            // Copies a template and forces a checkpoint: slow on a busy disk.
            _ = try await connection.query(
                "CREATE DATABASE app OWNER app",
                within: .seconds(60)
            )
        }
    }
}
