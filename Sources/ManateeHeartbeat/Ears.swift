import Logging
import ManateeCore
import ManateePorts
import NIOCore

/// The listening side: one ear for each watched peer.
///
/// It lives on one event loop.
final class Ears {
    private let detection: FailureDetection
    private let loop: any EventLoop
    private let logger: Logger
    private let tell: (HeartbeatEvent) -> Void
    private var ears: [PeerID: Ear] = [:]

    init(
        _ detection: FailureDetection,
        loop: any EventLoop,
        logger: Logger,
        tell: @escaping (HeartbeatEvent) -> Void
    ) {
        self.detection = detection
        self.loop = loop
        self.logger = logger
        self.tell = tell
    }

    func watch(_ peers: [Peer]) {
        let places = Dictionary(
            peers.compactMap { EarPlace($0) }.map { ($0.peer, $0) },
            uniquingKeysWith: { first, _ in first }
        )
        for (peer, ear) in ears where places[peer] != ear.place {
            ear.close()
            ears[peer] = nil
        }
        for (peer, place) in places where ears[peer] == nil {
            let ear = Ear(place, detection, loop: loop, logger: logger) { [tell] seen in
                tell(HeartbeatEvent(peer, seen))
            }
            ears[peer] = ear
            ear.look()
        }
    }

    /// How each is heard, in order of their names.
    var hearing: [PeerHearing] {
        ears.sorted { $0.key < $1.key }.map(\.value.hearing)
    }

    func look() {
        for ear in ears.values { ear.look() }
    }
}

/// Where a peer is heard, and where its postgres listens.
struct EarPlace: Equatable, Sendable {
    var peer: PeerID
    var host: String
    var port: Int
    var postgres: PeerEndpoint

    /// Nil if the peer does not say where it is heard.
    init?(_ peer: Peer) {
        guard let port = peer.heartbeatPort else { return nil }
        self.peer = peer.id
        host = peer.ip
        self.port = port
        postgres = PeerEndpoint(peer)
    }
}
