import Foundation

/// The server programs of PostgreSQL on this machine.
package enum PostgresInstallation {
    /// The newest major version that is installed, for example `15`.
    ///
    /// - Parameter root: where Debian keeps them.
    /// - Returns: the number.
    /// - Throws: ``DevConfigurationFailure`` if there is none.
    package static func newestVersion(
        in root: String = "/usr/lib/postgresql"
    ) throws(DevConfigurationFailure) -> String {
        let files = FileManager.default
        // No such directory means no such program.
        let versions = ((try? files.contentsOfDirectory(atPath: root)) ?? [])
            .filter { files.isExecutableFile(atPath: "\(root)/\($0)/bin/postgres") }
            .compactMap { Int($0) }
        guard let newest = versions.max() else { throw .noPostgres(searched: root) }
        return String(newest)
    }

    /// Where the programs of the newest major version are.
    ///
    /// - Parameter root: where Debian keeps them.
    /// - Returns: their directory.
    /// - Throws: ``DevConfigurationFailure`` if there is none.
    package static func newestBinaries(
        in root: String = "/usr/lib/postgresql"
    ) throws(DevConfigurationFailure) -> String {
        "\(root)/\(try newestVersion(in: root))/bin"
    }
}
