import ManateeCore
import ManateePorts
import Synchronization

/// A heartbeat that hears what a test says, and keeps what the sitter says.
final class ScriptedHeartbeat: Heartbeat {
    private struct Said {
        var watched: [Peer] = []
        var words: [PeerWord] = []
    }

    let events: AsyncStream<HeartbeatEvent>
    private let continuation: AsyncStream<HeartbeatEvent>.Continuation
    private let said = Mutex(Said())

    init() {
        (events, continuation) = AsyncStream.makeStream()
    }

    var watched: [Peer] { said.withLock(\.watched) }
    var words: [PeerWord] { said.withLock(\.words) }

    func watch(_ peers: [Peer]) { said.withLock { $0.watched = peers } }

    func speak(_ word: PeerWord) { said.withLock { $0.words.append(word) } }

    func hearing() -> [PeerHearing] { [] }

    /// Lets the sitter see something of another peer.
    func show(_ peer: Peer, _ seen: Observation) {
        continuation.yield(HeartbeatEvent(peer.id, seen))
    }
}
