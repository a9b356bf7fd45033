import ManateeAdmin
import Synchronization
import Testing

@Suite("Colours")
struct ColourTests {
    private static let escape = "\u{1B}["

    private func verify(
        _ environment: [String: String] = [:],
        isTerminal: Bool,
        _ arguments: [String] = ["verify"]
    ) async throws -> String {
        var example = Example(try #require(ExampleCluster.named("normalSdown")))
        example.environment.merge(environment) { $1 }
        let output = Recording(isTerminal: isTerminal)
        _ = await example.run(arguments, output)
        return output.channels.withLock { $0.standardOutput }
    }

    @Test func `are shown on a terminal`() async throws {
        #expect(
            try await verify(isTerminal: true).hasPrefix("\(Self.escape)31merror:\(Self.escape)0m ")
        )
    }

    @Test func `are not shown elsewhere`() async throws {
        #expect(try await verify(isTerminal: false).hasPrefix("error: "))
    }

    @Test(arguments: [["NO_COLOR": "1"], ["TERM": "dumb"]])
    func `are not shown where they are not wanted`(environment: [String: String]) async throws {
        let text = try await verify(environment, isTerminal: true)
        #expect(!text.contains(Self.escape))
    }

    @Test(arguments: [["verify", "-o", "json"], ["verify", "--nagios"], ["show", "-j"]])
    func `are never part of what programs read`(arguments: [String]) async throws {
        #expect(!(try await verify(isTerminal: true, arguments).contains(Self.escape)))
    }
}
