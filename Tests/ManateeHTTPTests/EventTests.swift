import HTTPTypes
import HummingbirdTesting
import ManateeCore
import ManateeJournal
import NIOCore
import Testing

@testable import ManateeHTTP

@Suite("The stream of events")
struct EventTests {
    /// A sitter that has failed over, and has no news.
    private var asking: Asking {
        var asking = DashboardState.healthy.asking
        asking.status.news = AsyncStream { $0.finish() }
        return asking
    }

    private func lines(after id: String?) async throws -> [Substring] {
        var headers = HTTPFields()
        headers[.lastEventID] = id
        let response = try await asking.ask("/events", headers: headers)
        #expect(response.status == .ok)
        #expect(response.headers[.contentType] == "text/event-stream; charset=utf-8")
        return String(buffer: response.body).split(separator: "\n")
    }

    @Test func `tells each line of the journal with an id`() async throws {
        let lines = try await lines(after: "0-0")
        let entries = DashboardState.pastOfTakeover.entries
        let epoch = DashboardState.pastOfTakeover.epoch.milliseconds
        #expect(lines.filter { $0.hasPrefix("id: ") }.count == entries.count)
        #expect(lines[1] == "id: \(epoch)-1")
        #expect(lines[2] == "event: decision")
        #expect(lines[3].contains("\"label\":\"taking_over\""))
        #expect(lines.contains("event: record"))
        #expect(lines.contains("event: role"))
    }

    @Test func `goes on after the last one that was seen`() async throws {
        let epoch = DashboardState.pastOfTakeover.epoch.milliseconds
        let count = DashboardState.pastOfTakeover.entries.count
        let rest = try await lines(after: "\(epoch)-\(count - 2)")
        #expect(rest.filter { $0.hasPrefix("id: ") }.count == 2)
        #expect(try await lines(after: "\(epoch)-\(count)") == ["retry: 2000"])
        // Numbers of an earlier process mean nothing.
        let all = try await lines(after: "17-3")
        #expect(all.filter { $0.hasPrefix("id: ") }.count == count)
    }

    @Test func `begins with the next one without an id`() async throws {
        #expect(try await lines(after: nil) == ["retry: 2000"])
    }

    @Test(arguments: ["", "x", "1", "1-2-3", "-", "1-x", "99999999999999999999-1"])
    func `refuses ids that are none`(id: String) async throws {
        let response = try await asking.ask("/events", headers: [.lastEventID: id])
        #expect(response.status == .badRequest)
    }
}
