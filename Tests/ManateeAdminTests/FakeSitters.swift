import ManateeCore
import ManateePorts

/// Sitters that answer what the test says.
struct FakeSitters: SitterProbe {
    var sightings: [PeerID: SitterSighting] = [:]

    func ask(_ peer: Peer, within limit: Duration) async -> SitterSighting {
        sightings[peer.id] ?? .answered(SitterReport())
    }
}
