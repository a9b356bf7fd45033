import Foundation
import Glibc
import ManateeCore
package import ManateePorts

/// Starts a copy of a database in private, and looks at every page and index with `pg_amcheck`.
package struct CopyCheck: CopyInspector {
    /// How long a server that was told to end may take before it is killed.
    private static let stopLimit = Duration.seconds(10)
    /// How many lines of the log, or of findings, are told.
    private static let toldLines = 20

    private let binDirectory: String?

    /// A check with the programs in `binDirectory`; nil: those of the copy's version on this host.
    package init(binDirectory: String?) {
        self.binDirectory = binDirectory
    }

    /// Starts the database in the copy in private, and looks at all of it.
    package func inspect(_ path: String) async throws -> CopyVerdict {
        guard let copy = try DatabaseCopy(in: path) else {
            return CopyVerdict(findings: ["there is no database in it"])
        }
        let user: ServerUser
        let installation: Installation
        do {
            user = try ServerUser(owning: copy.owner)
            installation = try Installation(configured: binDirectory, for: copy.version)
        } catch {
            throw CopyUndecided(error.detail)
        }
        guard access(installation.path("pg_amcheck"), X_OK) == 0 else {
            throw CopyUndecided(
                "there is no \(installation.path("pg_amcheck")): it comes with PostgreSQL 14; install "
                    + "the package with its contributed programs"
            )
        }
        let files = ServerFiles(owner: user)
        let work = "/tmp/manatee-verify-\(UUID().uuidString.prefix(8).lowercased())"
        do {
            try files.makeDirectory(work)
        } catch {
            throw CopyUndecided(error.detail)
        }
        let run = CopyRun(copy: copy, installation: installation, files: files, work: work)
        let result: Result<CopyVerdict, any Error>
        do {
            result = .success(try await run.verdict())
        } catch {
            result = .failure(error)
        }
        await run.end(within: Self.stopLimit)
        // The verdict counts more than a directory of ours that cannot be removed.
        try? FileManager.default.removeItem(atPath: work)
        return try result.get()
    }

    /// The last lines of the file at `path`.
    static func tail(_ path: String) -> [String] {
        // A log that cannot be read must not hide what it would have been part of.
        let text = (try? String(contentsOfFile: path, encoding: .utf8)) ?? ""
        return text.split(whereSeparator: \.isNewline).suffix(toldLines).map(String.init)
    }
}
