import AsyncHTTPClient
import NIOCore
import NIOHTTP1

/// Where a sitter answers.
struct SitterAddress {
    /// More than any answer has, in bytes.
    private static let sizeLimit = 1 << 20

    let host: String
    let port: Int

    /// What the sitter answers at `path`.
    ///
    /// - Throws: if it does not answer within `patience`, or with another status than 200.
    func get(_ path: String, within patience: Duration) async throws -> [UInt8] {
        let place = (host.contains(":") ? "[\(host)]" : host) + ":\(port)"
        let response: HTTPClientResponse
        let body: ByteBuffer
        do {
            let limit = TimeAmount.nanoseconds(Int64(patience / .nanoseconds(1)))
            let request = HTTPClientRequest(url: "http://\(place)\(path)")
            response = try await HTTPClient.shared.execute(request, timeout: limit)
            body = try await response.body.collect(upTo: Self.sizeLimit)
        } catch {
            throw NoAnswer(description: "\(place) does not answer")
        }
        guard response.status == .ok else {
            throw NoAnswer(description: "\(place) answers with status \(response.status.code)")
        }
        return Array(body.readableBytesView)
    }
}

/// Why a sitter told nothing.
private struct NoAnswer: Error, CustomStringConvertible {
    let description: String
}
