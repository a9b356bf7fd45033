import AsyncHTTPClient
import ManateeCore
import ManateePorts
import NIOCore
import NIOHTTP1

/// Where a sitter answers.
struct SitterAddress: CustomStringConvertible {
    /// More than any answer has, in bytes.
    private static let sizeLimit = 1 << 20

    let host: String
    let port: Int

    init(host: String, port: Int) {
        self.host = host
        self.port = port
    }

    /// Where the sitter of `peer` answers, its port being that far from the port of its postgres.
    init(of peer: Peer, portOffset: Int) {
        let endpoint = PeerEndpoint(peer)
        self.init(host: endpoint.host, port: endpoint.port + portOffset)
    }

    var description: String { (host.contains(":") ? "[\(host)]" : host) + ":\(port)" }

    /// What the sitter answers at `path`.
    ///
    /// - Throws: if it does not answer within `patience`, or with another status than 200.
    func get(_ path: String, within patience: Duration) async throws -> [UInt8] {
        let response: HTTPClientResponse
        let body: ByteBuffer
        do {
            let request = HTTPClientRequest(url: "http://\(self)\(path)")
            response = try await HTTPClient.shared.execute(request, timeout: TimeAmount(patience))
            body = try await response.body.collect(upTo: Self.sizeLimit)
        } catch {
            throw NoAnswer(description: "\(self) does not answer")
        }
        guard response.status == .ok else {
            throw NoAnswer(description: "\(self) answers with status \(response.status.code)")
        }
        return Array(body.readableBytesView)
    }
}

/// Why a sitter told nothing.
private struct NoAnswer: Error, CustomStringConvertible {
    let description: String
}
