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

    var isRebuildRequested: Bool { RebuildFile(settings).exists }
    var hasDatabase: Bool { RebuildFile(settings).hasDatabase }

    func requestRebuild() throws { try RebuildFile(settings).write() }

    func restore() async throws -> RestoreProgress? {
        let sitter = SitterAddress(host: settings.peer.ip, port: settings.statusServer.port)
        return try RestoreProgress(answer: try await sitter.get("/restore", within: Self.patience))
    }
}
