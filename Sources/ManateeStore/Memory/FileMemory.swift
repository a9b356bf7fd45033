package import ManateeCore
import ManateePorts
import ManateeWire

/// A peer's memory in a file of its own.
///
/// A save writes a new file beside it, makes that durable, and puts it in the old one's place, so
/// that whatever happens there is a whole memory, old or new.
package final class FileMemory: MemoryStorage {
    private let file: QueuedFile
    private let shard: String
    private let peer: PeerID

    /// The memory of `peer` in `shard`, in the file at `path`, which need not exist.
    ///
    /// - Parameters:
    ///   - path: the file; its directory is made if the one above exists.
    ///   - shard: the shard's directory in the store.
    ///   - peer: the peer that remembers.
    package init(path: String, shard: String, peer: PeerID) {
        file = QueuedFile(path: path, label: "manatee.memory")
        self.shard = shard
        self.peer = peer
    }

    /// Reads the memory; an empty one if there is no file.
    ///
    /// - Throws: if the file cannot be read or understood, or belongs to another shard or peer.
    package func load() async throws(EffectFailure) -> PeerMemory {
        let path = file.path
        guard let bytes = try await file.read(limit: JSONText.maximumBytes) else {
            return PeerMemory()
        }
        let found: PeerMemoryJSON
        do {
            found = try PeerMemoryJSON(decoding: bytes)
        } catch {
            throw EffectFailure(
                "cannot understand the memory file \(path): \(error); it protects against a store "
                    + "that went back, so move it away only if the store is known to hold the "
                    + "shard's newest state"
            )
        }
        guard found.shard == shard, found.peer == peer else {
            throw EffectFailure(
                "the memory file \(path) belongs to another shard or peer: found shard "
                    + "\(found.shard) and peer \(found.peer), expected \(shard) and \(peer); give each "
                    + "peer a file of its own, or remove it if this peer was renamed on purpose"
            )
        }
        return found.memory
    }

    /// Replaces the memory; returns when it is durable.
    ///
    /// - Throws: if it cannot be made durable; the old memory is then still there.
    package func save(_ memory: PeerMemory) async throws(EffectFailure) {
        let bytes = PeerMemoryJSON(shard: shard, peer: peer, memory: memory).encoded
        try await file.replace(with: bytes)
    }
}
