import AsyncHTTPClient
import ManateeAdmin
import ManateeCore
import ManateePorts
import NIOCore

/// The sitters of a shard, asked on their status ports.
struct OtherSitters: ConfigurationProbe {
    /// More than any answer has, in bytes.
    private static let sizeLimit = 1 << 20

    /// How far a sitter's port lies above its postgres's.
    let statusPortOffset: Int

    func configuration(
        of peer: Peer,
        within limit: Duration
    ) async -> Result<ConfigurationStatus, EffectFailure> {
        let endpoint = PeerEndpoint(peer)
        let place = "\(endpoint.host):\(endpoint.port + statusPortOffset)"
        do {
            let answer = try await HTTPClient.shared.execute(
                HTTPClientRequest(url: "http://\(place)/state"),
                timeout: .nanoseconds(Int64(limit / .nanoseconds(1)))
            )
            let body = try await answer.body.collect(upTo: Self.sizeLimit)
            if let status = try ConfigurationStatus(answer: Array(body.readableBytesView)) {
                return .success(status)
            }
            return .failure(EffectFailure("\(place) says nothing of it"))
        } catch {
            return .failure(EffectFailure("\(place): \(error)"))
        }
    }
}
