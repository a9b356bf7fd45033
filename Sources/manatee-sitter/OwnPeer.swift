import Foundation
import ManateeAdmin
import ManateeConfiguration
import ManateePorts

/// The peer that this sitter runs, for operations that are about itself.
///
/// It is asked by the same file as by `manatee-adm rebuild`.
struct OwnPeer: LocalPeer {
    let settings: SitterSettings
    let status: any SitterStatus

    var zoneID: String { settings.peer.zoneID }
    var shard: String { settings.shardName }
    var servers: String { settings.zooKeeper.servers }
    var waitsForOperator: Bool { settings.rejoin == .manual }
    var isRebuildRequested: Bool { RebuildFile(settings).exists }
    var hasDatabase: Bool { RebuildFile(settings).hasDatabase }

    func requestRebuild() throws { try RebuildFile(settings).write() }

    func restore() async throws -> RestoreProgress? {
        await status.postgresStatus().restore.map { RestoreProgress($0) }
    }
}
