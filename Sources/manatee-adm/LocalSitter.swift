import Foundation
import ManateeAdmin
import ManateeConfiguration

/// The peer on this host: its sitter is asked by a file, and answers on its status port.
struct LocalSitter: LocalPeer {
    /// How long the sitter may take to answer.
    private static let patience = Duration.seconds(5)

    private let settings: SitterSettings

    init(_ settings: SitterSettings) {
        self.settings = settings
    }

    var zoneID: String { settings.peer.zoneID }
    var shard: String { String(settings.shardPath.split(separator: "/").last ?? "") }
    var servers: String { settings.zooKeeper.servers }
    var waitsForOperator: Bool { settings.rejoin == .manual }

    var isRebuildRequested: Bool {
        FileManager.default.fileExists(atPath: settings.rebuildRequest)
    }

    var hasDatabase: Bool {
        let directory = URL(filePath: settings.postgres.dataDirectory)
        return FileManager.default.fileExists(atPath: directory.appending(path: "PG_VERSION").path)
    }

    func requestRebuild() throws {
        try Data().write(to: URL(filePath: settings.rebuildRequest))
    }

    func restore() async throws -> [UInt8] {
        try await SitterAddress(host: settings.peer.ip, port: settings.statusServer.port)
            .get("/restore", within: Self.patience)
    }
}
