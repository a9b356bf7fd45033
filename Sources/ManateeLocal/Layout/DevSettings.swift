import Foundation

/// What was chosen when a local shard was made, and stays so between runs.
package struct DevSettings: Codable, Equatable, Sendable {
    /// The name of the shard: its directory below `/manatee`.
    package var shard: String
    /// Who listens where.
    package var ports: PortPlan
    /// How long the store waits for a silent sitter.
    package var sessionTimeoutMilliseconds: Int
    /// ZooKeeper's unit of time; sessions last at least two of them.
    package var tickMilliseconds: Int
    /// What the data lies on; nil means a plain directory.
    package var storage: DevStorage?
    /// How large each peer's own file system pretends to be; nil means that they share one.
    package var peerDiskMegabytes: Int?

    /// Settings of these values.
    package init(
        shard: String,
        ports: PortPlan,
        sessionTimeoutMilliseconds: Int,
        tickMilliseconds: Int,
        storage: DevStorage? = nil,
        peerDiskMegabytes: Int? = nil
    ) {
        self.shard = shard
        self.ports = ports
        self.sessionTimeoutMilliseconds = sessionTimeoutMilliseconds
        self.tickMilliseconds = tickMilliseconds
        self.storage = storage
        self.peerDiskMegabytes = peerDiskMegabytes
    }

    /// Where the sitters and `manatee-adm` find the store.
    package var storeServers: String {
        ports.storeNodes.map { "127.0.0.1:\($0)" }.joined(separator: ",")
    }

    /// How an application finds the primary, wherever it is.
    package var connectionString: String {
        let hosts = ports.peers.map { _ in "127.0.0.1" }.joined(separator: ",")
        let numbers = ports.peers.map { String($0.postgres) }.joined(separator: ",")
        return "host=\(hosts) port=\(numbers) user=app dbname=app target_session_attrs=read-write"
    }

    /// Reads the settings of `directory`; nil if it has none yet.
    ///
    /// - Throws: if there are some that cannot be understood.
    package static func load(from directory: DevDirectory) throws -> DevSettings? {
        guard FileManager.default.fileExists(atPath: directory.settingsFile) else { return nil }
        let data = try Data(contentsOf: URL(filePath: directory.settingsFile))
        return try JSONDecoder().decode(DevSettings.self, from: data)
    }

    /// Keeps the settings in `directory`.
    package func save(to directory: DevDirectory) throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
        try encoder.encode(self).write(to: URL(filePath: directory.settingsFile))
    }
}
