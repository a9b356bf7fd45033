import AsyncHTTPClient
import FoundationEssentials
import ManateeSnapshots
import NIOCore

/// The health of postgres as the sitter's status server tells it at `/ping`.
struct HealthPage: DatabaseHealth {
    /// How long the answer may take.
    private static let patience = TimeAmount.seconds(5)
    /// More than any answer has, in bytes.
    private static let sizeLimit = 1 << 16

    /// `http://HOST:PORT`.
    let base: String

    init(_ base: String) {
        self.base = base
    }

    func problem() async -> String? {
        do {
            let request = HTTPClientRequest(url: base + "/ping")
            let answer = try await HTTPClient.shared.execute(request, timeout: Self.patience)
            let body = try await answer.body.collect(upTo: Self.sizeLimit)
            let page = try JSONDecoder().decode(Page.self, from: Data(body.readableBytesView))
            return page.healthy == true ? nil : "\(base)/ping says so"
        } catch {
            return "\(base)/ping cannot be used: \(error)"
        }
    }

    /// The page, as far as it matters here; its `error` has no form that could be relied on.
    private struct Page: Decodable {
        var healthy: Bool?
    }
}
