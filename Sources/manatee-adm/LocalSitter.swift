import AsyncHTTPClient
import ManateeAdmin
import ManateeConfiguration
import NIOCore

/// The peer on this host: its sitter is asked by a file, and answers on its status port.
struct LocalSitter: LocalPeer {
    /// How long the sitter may take to answer.
    private static let patience = TimeAmount.seconds(5)
    /// More than any answer has, in bytes.
    private static let sizeLimit = 1 << 20

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
        let url = "http://\(settings.peer.ip):\(settings.statusServer.port)/restore"
        let request = HTTPClientRequest(url: url)
        let answer = try await HTTPClient.shared.execute(request, timeout: Self.patience)
        let body = try await answer.body.collect(upTo: Self.sizeLimit)
        return try RestoreProgress(answer: Array(body.readableBytesView))
    }
}
