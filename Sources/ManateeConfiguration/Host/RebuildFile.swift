import FoundationEssentials

/// The file by which the peer on this host is asked to make its data anew.
package struct RebuildFile: Sendable {
    private let path: String
    private let dataDirectory: String

    /// The file of the peer that `settings` are for.
    package init(_ settings: SitterSettings) {
        path = settings.rebuildRequest
        dataDirectory = settings.postgres.dataDirectory
    }

    /// Whether there is a request.
    package var exists: Bool { FileManager.default.fileExists(atPath: path) }

    /// Whether a database lies where the peer's data belongs.
    package var hasDatabase: Bool {
        FileManager.default.fileExists(atPath: dataDirectory + "/PG_VERSION")
    }

    /// Makes the request; asked twice is asked once.
    package func write() throws { try Data().write(to: URL(filePath: path)) }
}
