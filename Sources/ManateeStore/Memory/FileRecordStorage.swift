package import ManateeCore
package import ManateeJournal
import ManateePorts
import ManateeWire

/// A peer's records of role changes in a file of their own.
///
/// A damaged file costs the past that it held and nothing else; the next record replaces it.
package final class FileRecordStorage: RecordStorage {
    private let file: QueuedFile
    private let shard: String
    private let peer: PeerID

    /// The records of `peer` in `shard`, in the file at `path`, which need not exist.
    ///
    /// - Parameters:
    ///   - path: the file; its directory is made if the one above exists.
    ///   - shard: the shard's directory in the store.
    ///   - peer: the peer whose role changes they tell.
    package init(path: String, shard: String, peer: PeerID) {
        file = QueuedFile(path: path, label: "manatee.records")
        self.shard = shard
        self.peer = peer
    }

    /// Reads the records; none if there is no file.
    ///
    /// - Throws: if the file cannot be read or understood, or belongs to another shard or peer.
    package func load() async throws(EffectFailure) -> [RoleChangeRecord] {
        guard let bytes = try await file.read(limit: JSONText.maximumBytes) else { return [] }
        let list: RoleChangeListJSON
        do {
            list = try RoleChangeListJSON(decoding: bytes)
        } catch {
            throw EffectFailure("cannot understand \(file.path): \(error)")
        }
        guard list.shard == shard, list.peer == peer else {
            throw EffectFailure(
                "\(file.path) belongs to another shard or peer: found shard \(list.shard) and peer "
                    + "\(list.peer), expected \(shard) and \(peer)"
            )
        }
        return list.records
    }

    /// Replaces the records; returns when they are durable.
    ///
    /// - Throws: if they cannot be made durable; the old ones are then still there.
    package func save(_ records: [RoleChangeRecord]) async throws(EffectFailure) {
        let list = RoleChangeListJSON(shard: shard, peer: peer, records: records)
        try await file.replace(with: list.encoded)
    }
}
