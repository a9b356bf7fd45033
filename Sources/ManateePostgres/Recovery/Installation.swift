import Foundation
import Glibc
import ManateeCore

/// The programs of one PostgreSQL version.
struct Installation: Sendable, Equatable {
    /// The directory of the programs.
    var directory: String

    private static let debian = "/usr/lib/postgresql"

    /// Finds the programs.
    ///
    /// - Parameters:
    ///   - directory: where the configuration says they are, if it does.
    ///   - version: the major version of the data, if there is any.
    /// - Throws: if they are not there, or cannot be run.
    init(configured directory: String?, for version: Int?) throws(PostgresFailure) {
        if let directory {
            self.directory = directory
        } else {
            // No such directory is the same as an empty one: nothing is installed.
            let names = (try? FileManager.default.contentsOfDirectory(atPath: Self.debian)) ?? []
            let found = names.compactMap { Int($0) }.filter { (13...18).contains($0) }.sorted()
            guard let chosen = version ?? found.last, found.contains(chosen) else {
                let wanted = version.map { "version \($0)" } ?? "version 13 to 18"
                throw PostgresFailure(
                    .other,
                    "no PostgreSQL of \(wanted) in \(Self.debian); install it, or configure the "
                        + "directory of its programs"
                )
            }
            self.directory = "\(Self.debian)/\(chosen)/bin"
        }
        for program in ["postgres", "initdb", "pg_basebackup", "pg_rewind", "pg_waldump"] {
            guard access(path(program), X_OK) == 0 else {
                throw PostgresFailure(
                    .other,
                    "\(path(program)) cannot be run: \(String(cString: strerror(errno)))"
                )
            }
        }
    }

    /// The absolute path of a program.
    func path(_ program: String) -> String { "\(directory)/\(program)" }

    /// Reads the major version out of what `postgres --version` prints.
    static func majorVersion(parsing text: String) -> Int? {
        text.split(separator: " ").lazy
            .compactMap { word in word.split(separator: ".").first.flatMap { Int($0) } }
            .first
    }
}
