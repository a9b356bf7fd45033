import AsyncHTTPClient
import Foundation
import ManateeCore
import ManateePorts
import ManateeWire
import NIOCore

/// Asks sitters over HTTP what they tell everybody at `/state`.
struct StatusPortProbe: SitterProbe {
    /// More than any answer has, in bytes.
    private static let sizeLimit = 1 << 20

    /// How far a sitter's port is from the port of its postgres.
    let portOffset: Int

    func ask(_ peer: Peer, within limit: Duration) async -> SitterSighting {
        let endpoint = PeerEndpoint(peer)
        let host = endpoint.host.contains(":") ? "[\(endpoint.host)]" : endpoint.host
        let request = HTTPClientRequest(url: "http://\(host):\(endpoint.port + portOffset)/state")
        do {
            let answer = try await HTTPClient.shared.execute(request, timeout: TimeAmount(limit))
            let body = try await answer.body.collect(upTo: Self.sizeLimit)
            let state = try JSONText.parse(Array(body.readableBytesView), document: "/state")
            return .answered(
                SitterReport(hears: peers(state["hears"]), misses: peers(state["misses"]))
            )
        } catch {
            return .failed(cause: "\(error)")
        }
    }

    /// A sitter that does not tell yet names nobody.
    private func peers(_ list: JSONValue?) -> [PeerID] {
        guard case .array(let names)? = list else { return [] }
        return names.compactMap { $0.text.map { PeerID($0) } }
    }
}
